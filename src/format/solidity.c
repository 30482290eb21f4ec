#include "format/solidity.h"

#include "base/hex.h"

#include <string.h>

#define WORD 32 /* bytes; also of a coordinate, as only bn254 is written */

/* The contract before its constants. */
static const char head[] =
    "// SPDX-License-Identifier: Apache-2.0\n"
    "pragma solidity >=0.8.4 <0.9.0;\n"
    "\n"
    "/// Verifies Groth16 proofs of one circuit, whose verification key is in the constants "
    "below.\n"
    "/// A proof (a, b, c) of public inputs s holds when\n"
    "///     e(a, b) * e(-alpha, beta) * e(IC[0] + sum of s[i] * IC[i + 1], -gamma) * e(c, "
    "-delta)\n"
    "/// is one. The key's points stand here with their signs, so that nothing is negated on the\n"
    "/// chain. That coordinates are below the field's prime and points are on the curve is "
    "checked\n"
    "/// by the precompiled contracts; that public inputs are below the groups' order is not, so "
    "it\n"
    "/// is checked here: else s and s + ORDER would pass for two inputs.\n"
    "contract Groth16Verifier {\n";

/* Where parts of the pairing's input lie: four times a point of G1 (64 bytes) and one of G2 (128).
 * The sum over the public inputs grows where the pairing wants it; the 96 bytes behind it are free
 * until gamma is put there. */
static const char body_begin[] =
    "        assembly (\"memory-safe\") {\n"
    "            // the sum at `at` += scalar * (x, y); needs the 96 bytes behind the sum\n"
    "            function add_term(at, x, y, scalar) -> ok {\n"
    "                let term := add(at, 64)\n"
    "                mstore(term, x)\n"
    "                mstore(add(at, 96), y)\n"
    "                mstore(add(at, 128), scalar)\n"
    "                ok := staticcall(gas(), 7, term, 96, term, 64)\n"
    "                ok := and(ok, staticcall(gas(), 6, at, 128, at, 64))\n"
    "            }\n"
    "\n"
    "            valid := 1\n";

static const char pairing_begin[] =
    "            if valid {\n"
    "                let terms := mload(0x40) // of the pairing: 192 bytes each\n"
    "                calldatacopy(terms, a, 64)\n"
    "                calldatacopy(add(terms, 64), b, 128)\n";

static const char pairing_end[] =
    "                calldatacopy(add(terms, 576), c, 64)\n"
    "                mstore(0, 0) // stays so where there is no precompiled contract to answer\n"
    "                valid := and(valid, staticcall(gas(), 8, terms, 768, 0, 32))\n"
    "                valid := and(valid, mload(0))\n"
    "            }\n"
    "        }\n"
    "    }\n"
    "}\n";

static bool put_constant(CvkBuf *out, const char *name, const uint8_t be[WORD], CvkErr *err) {
    char hex[2 * WORD + 1];
    cvk_hex_encode(be, WORD, hex);
    return cvk_buf_add_fmt(out, err, "    uint256 private constant %s = 0x%s;\n", name, hex);
}

static bool put_g1(CvkBuf *out, const char *name, const Element *e, CvkErr *err) {
    uint8_t xy[2 * WORD];
    char constant[40];
    bool ok = true;
    element_write(e, FORM_UNCOMPRESSED, xy);
    for (unsigned i = 0; ok && i < 2; i++) {
        snprintf(constant, sizeof constant, "%s_%c", name, "XY"[i]);
        ok = put_constant(out, constant, xy + i * WORD, err);
    }
    return ok;
}

/* The imaginary part of a coordinate comes first, here as for the precompiled contract. */
static bool put_g2(CvkBuf *out, const char *name, const Element *e, CvkErr *err) {
    uint8_t xy[4 * WORD];
    char constant[40];
    bool ok = true;
    element_write(e, FORM_UNCOMPRESSED, xy);
    for (unsigned i = 0; ok && i < 4; i++) {
        snprintf(constant, sizeof constant, "%s_%c%d", name, "XY"[i / 2], i % 2 == 0 ? 1 : 0);
        ok = put_constant(out, constant, xy + i * WORD, err);
    }
    return ok;
}

static bool put_order(const Curve *c, CvkBuf *out, CvkErr *err) {
    uint8_t le[FR_BYTES], be[FR_BYTES];
    curve_order(c, le);
    for (size_t i = 0; i < FR_BYTES; i++)
        be[i] = le[FR_BYTES - 1 - i];
    return put_constant(out, "ORDER", be, err);
}

static bool put_constants(const Groth16Vkey *k, CvkBuf *out, CvkErr *err) {
    Element alpha = element_neg(&k->alpha_g1), gamma = element_neg(&k->gamma_g2),
            delta = element_neg(&k->delta_g2);
    bool ok = put_order(k->curve, out, err) && put_g1(out, "NEGATIVE_ALPHA", &alpha, err) &&
              put_g2(out, "BETA", &k->beta_g2, err) && put_g2(out, "NEGATIVE_GAMMA", &gamma, err) &&
              put_g2(out, "NEGATIVE_DELTA", &delta, err);
    for (size_t i = 0; ok && i < points_n(k->ic); i++) {
        Element e = points_at(k->ic, i);
        char name[32];
        snprintf(name, sizeof name, "IC%zu", i);
        ok = put_g1(out, name, &e, err);
    }
    return ok;
}

static bool put_signature(size_t n, CvkBuf *out, CvkErr *err) {
    if (!cvk_buf_add_str(out,
                         "\n"
                         "    /// b is [[x1, x0], [y1, y0]] for coordinates x0 + x1 * i. False for "
                         "whatever is not valid.\n"
                         "    function verifyProof(uint256[2] calldata a, uint256[2][2] calldata "
                         "b, uint256[2] calldata c",
                         err))
        return false;
    if (n > 0 && !cvk_buf_add_fmt(out, err, ", uint256[%zu] calldata s", n))
        return false;
    return cvk_buf_add_str(
        out, ")\n        public\n        view\n        returns (bool valid)\n    {\n", err);
}

/* Puts the words that these constants name at `at`, counted from `terms`. */
static bool put_stores(CvkBuf *out, unsigned at, const char *name, const char *const *suffixes,
                       size_t n, CvkErr *err) {
    bool ok = true;
    for (size_t i = 0; ok && i < n; i++)
        ok = cvk_buf_add_fmt(out, err, "                mstore(add(terms, %zu), %s_%s)\n",
                             at + i * WORD, name, suffixes[i]);
    return ok;
}

static bool put_ranges(size_t n, CvkBuf *out, CvkErr *err) {
    bool ok = true;
    for (size_t i = 0; ok && i < n; i++)
        ok = cvk_buf_add_fmt(
            out, err, "            valid := and(valid, lt(calldataload(add(s, %zu)), ORDER))\n",
            i * WORD);
    return ok;
}

static bool put_terms(size_t n, CvkBuf *out, CvkErr *err) {
    bool ok = true;
    for (size_t i = 0; ok && i < n; i++)
        ok = cvk_buf_add_fmt(out, err,
                             "                valid := and(valid, add_term(sum, IC%zu_X, IC%zu_Y, "
                             "calldataload(add(s, %zu))))\n",
                             i + 1, i + 1, i * WORD);
    return ok;
}

static bool put_body(size_t n, CvkBuf *out, CvkErr *err) {
    static const char *const g1[] = {"X", "Y"}, *const g2[] = {"X1", "X0", "Y1", "Y0"};
    return cvk_buf_add_str(out, body_begin, err) && put_ranges(n, out, err) &&
           cvk_buf_add_str(out, pairing_begin, err) &&
           put_stores(out, 192, "NEGATIVE_ALPHA", g1, 2, err) &&
           put_stores(out, 256, "BETA", g2, 4, err) && put_stores(out, 384, "IC0", g1, 2, err) &&
           cvk_buf_add_str(out, "                let sum := add(terms, 384)\n", err) &&
           put_terms(n, out, err) && put_stores(out, 448, "NEGATIVE_GAMMA", g2, 4, err) &&
           put_stores(out, 640, "NEGATIVE_DELTA", g2, 4, err) &&
           cvk_buf_add_str(out, pairing_end, err);
}

bool solidity_write(const Groth16Vkey *k, CvkBuf *out, CvkErr *err) {
    if (strcmp(curve_name(k->curve), "bn254") != 0)
        return cvk_fail(err, CVK_EBADREQ, "solidity.curve",
                        "contracts are written for bn254 only: this key is over %s",
                        curve_name(k->curve));
    size_t n = groth16_inputs_n(k);
    return cvk_buf_add_str(out, head, err) && put_constants(k, out, err) &&
           put_signature(n, out, err) && put_body(n, out, err);
}
