#include "format/report.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

static const char *point_text(const PointReport *p) {
    switch (p->fault) {
    case POINT_OK:
        return "is not as it should be";
    case POINT_NOT_COMPRESSED:
        return "is not a compressed point";
    case POINT_BAD_INFINITY:
        return "is a malformed infinity";
    case POINT_X_TOO_LARGE:
        return "has a coordinate that is no field element";
    case POINT_NOT_ON_CURVE:
        return "is not on the curve";
    case POINT_NOT_IN_GROUP:
        return "is not in the prime-order subgroup";
    case POINT_INFINITY:
        return "is infinity";
    }
    return "";
}

static const char *put(char *ret, const char *id, const char *fmt, ...) PRINTF_LIKE(3, 4);
static const char *put(char *ret, const char *id, const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    vsnprintf(ret, REPORT_TEXT, fmt, args);
    va_end(args);
    return id;
}

const char *report_kzg(const KzgReport *r, char ret[REPORT_TEXT]) {
    size_t sub = r->sub + 1;
    switch (r->verdict) {
    case KZG_VALID:
        return put(ret, "valid", "valid");
    case KZG_WRONG_NUM_SUBS:
        return put(ret, "wrong_num_subs", "%zu sub-ceremonies where %zu are expected", r->got,
                   r->expected);
    case KZG_WRONG_NUM_G1:
        return put(ret, "wrong_num_g1", "sub-ceremony %zu: %zu G1 powers where %zu are expected",
                   sub, r->got, r->expected);
    case KZG_WRONG_NUM_G2:
        return put(ret, "wrong_num_g2", "sub-ceremony %zu: %zu G2 powers where %zu are expected",
                   sub, r->got, r->expected);
    case KZG_BAD_G1_POINT:
        return put(ret, "bad_g1_point", "sub-ceremony %zu, G1 power %zu: %s", sub, r->index,
                   point_text(&r->point));
    case KZG_BAD_G2_POINT:
        return put(ret, "bad_g2_point", "sub-ceremony %zu, G2 power %zu: %s", sub, r->index,
                   point_text(&r->point));
    case KZG_BAD_PUBKEY_POINT:
        return put(ret, "bad_pubkey", "sub-ceremony %zu: the public key %s", sub,
                   point_text(&r->point));
    case KZG_ZERO_PUBKEY:
        return put(ret, "zero_pubkey", "sub-ceremony %zu: the public key is infinity", sub);
    case KZG_PUBKEY_PAIRING:
        return put(ret, "pubkey_pairing",
                   "sub-ceremony %zu: it is not the base times the secret of its public key", sub);
    case KZG_G1_PAIRING:
        return put(ret, "g1_pairing",
                   "sub-ceremony %zu, G1 power %zu: does not continue the powers before it", sub,
                   r->index);
    case KZG_G2_PAIRING:
        return put(ret, "g2_pairing",
                   "sub-ceremony %zu, G2 power %zu: is not the power that G1 has there", sub,
                   r->index);
    case KZG_NO_ENTROPY:
        return put(ret, "no_entropy", "sub-ceremony %zu: the secret is 1, which adds nothing", sub);
    case KZG_DUPLICATE_KEY:
        return put(ret, "duplicate_key", "sub-ceremony %zu: the public key was used before", sub);
    }
    return "";
}

/* Faults of one entry of one list. */
static const char *put_entry(char *ret, const char *id, const TranscriptReport *r,
                             const char *what) {
    return put(ret, id, "sub-ceremony %zu, contribution %zu: %s", r->sub + 1, r->entry, what);
}

static const char *report_powers(const KzgReport *powers, size_t sub, char ret[REPORT_TEXT]) {
    KzgReport there = *powers;
    there.sub = sub;
    return report_kzg(&there, ret);
}

const char *report_transcript(const TranscriptReport *r, char ret[REPORT_TEXT]) {
    char what[128];
    size_t sub = r->sub + 1;
    switch (r->verdict) {
    case TRANSCRIPT_VALID:
        return put(ret, "valid", "valid");
    case TRANSCRIPT_WRONG_SIZES:
        return put(ret, "wrong_sizes", "sub-ceremony %zu: not of the expected sizes", sub);
    case TRANSCRIPT_UNEVEN_LISTS:
        return put(ret, "uneven_lists",
                   "sub-ceremony %zu: its lists of products, keys, signatures and participants "
                   "differ in length",
                   sub);
    case TRANSCRIPT_BAD_IDENTITY:
        return put(ret, "bad_identity", "contribution %zu: the participant's id is malformed",
                   r->entry);
    case TRANSCRIPT_BAD_START:
        return put(ret, "bad_start", "sub-ceremony %zu: does not begin with the initial state",
                   sub);
    case TRANSCRIPT_BAD_PRODUCT:
        snprintf(what, sizeof what, "the running product %s", point_text(&r->point));
        return put_entry(ret, "bad_product", r, what);
    case TRANSCRIPT_BAD_PUBKEY:
        snprintf(what, sizeof what, "the public key %s", point_text(&r->point));
        return put_entry(ret, "bad_pubkey", r, what);
    case TRANSCRIPT_BAD_POWERS:
        return report_powers(&r->powers, r->sub, ret);
    case TRANSCRIPT_BROKEN_CHAIN:
        return put_entry(ret, "broken_chain", r, "does not extend the contribution before it");
    case TRANSCRIPT_WRONG_END:
        return put(ret, "wrong_end",
                   "sub-ceremony %zu: the last running product is not the first power", sub);
    case TRANSCRIPT_NO_ENTROPY:
        return put_entry(ret, "no_entropy", r, "the secret is 1, which adds nothing");
    case TRANSCRIPT_DUPLICATE_KEY:
        return put_entry(ret, "duplicate_key", r, "the public key was used before");
    case TRANSCRIPT_EQUAL_TAU:
        return put(ret, "equal_tau", "sub-ceremony %zu: the same secret as another sub-ceremony",
                   sub);
    case TRANSCRIPT_BAD_BLS:
        return put_entry(ret, "bad_bls", r, "the BLS signature is not the participant's");
    case TRANSCRIPT_BAD_ECDSA:
        return put(ret, "bad_ecdsa",
                   "contribution %zu: the ECDSA signature is not the participant's", r->entry);
    }
    return "";
}

/* The setup is of one size, so its powers are told without a sub-ceremony. */
static const char *report_own_powers(const KzgReport *r, char ret[REPORT_TEXT]) {
    switch (r->verdict) {
    case KZG_BAD_G1_POINT:
        return put(ret, "bad_g1_point", "g1_monomial, point %zu: %s", r->index,
                   point_text(&r->point));
    case KZG_BAD_G2_POINT:
        return put(ret, "bad_g2_point", "g2_monomial, point %zu: %s", r->index,
                   point_text(&r->point));
    case KZG_G1_PAIRING:
        return put(ret, "g1_pairing",
                   "g1_monomial, point %zu: does not continue the powers before it", r->index);
    case KZG_G2_PAIRING:
        return put(ret, "g2_pairing", "g2_monomial, point %zu: is not the power that G1 has there",
                   r->index);
    case KZG_VALID:
    case KZG_WRONG_NUM_SUBS:
    case KZG_WRONG_NUM_G1:
    case KZG_WRONG_NUM_G2:
    case KZG_BAD_PUBKEY_POINT:
    case KZG_ZERO_PUBKEY:
    case KZG_PUBKEY_PAIRING:
    case KZG_NO_ENTROPY:
    case KZG_DUPLICATE_KEY:
        break;
    }
    return report_kzg(r, ret);
}

const char *report_trusted_setup(const TrustedSetupReport *r, char ret[REPORT_TEXT]) {
    switch (r->verdict) {
    case TRUSTED_SETUP_VALID:
        return put(ret, "valid", "valid");
    case TRUSTED_SETUP_WRONG_SIZE:
        return put(ret, "wrong_size", "the number of points is no size of a trusted setup");
    case TRUSTED_SETUP_BAD_POWERS:
        return report_own_powers(&r->powers, ret);
    case TRUSTED_SETUP_BAD_LAGRANGE:
        return put(ret, "bad_lagrange_point", "g1_lagrange, point %zu: %s", r->index,
                   point_text(&r->point));
    case TRUSTED_SETUP_NOT_LAGRANGE:
        return put(ret, "not_lagrange",
                   "g1_lagrange, point %zu: is not the Lagrange form of the powers", r->index);
    case TRUSTED_SETUP_NO_ENTROPY:
        return put(ret, "no_entropy", "the secret is 1");
    }
    return "";
}
