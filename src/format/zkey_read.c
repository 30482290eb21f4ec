#include "base/le.h"
#include "format/curves.h"
#include "format/zkey_private.h"

#include "setup/phase1.h"

#include <inttypes.h>
#include <string.h>

static const char *const names[ZKEY_SECTIONS_END] = {
    NULL, "protocol", "header", "IC", "coefficients", "A", "B1", "B2", "L", "H", "contributions"};
const SectionKind zkey_kind = {.magic = "zkey",
                               .version_max = 1,
                               .version_written = 1,
                               .names = names,
                               .types_n = ZKEY_SECTIONS_END};

#define PROTOCOL_GROTH16 1
#define BASE_BYTES_MAX 48

struct Zkey {
    SectionFile *file;
    Phase2Key key;
    Phase2Contribution *contributions;
    uint32_t coefficients_n;
};

ZkeySection zkey_vector_section(Phase2Vector which) {
    static const ZkeySection sections[PHASE2_VECTORS] = {
        [PHASE2_IC] = ZKEY_IC, [PHASE2_A] = ZKEY_A, [PHASE2_B1] = ZKEY_B1,
        [PHASE2_B2] = ZKEY_B2, [PHASE2_L] = ZKEY_L, [PHASE2_H] = ZKEY_H};
    return sections[which];
}

/* ---- header ---- */

static bool read_protocol(const Zkey *z, CvkErr *err) {
    static const char *const known[] = {[2] = "PLONK", [10] = "FFLONK"};
    CvkSource s;
    uint8_t b[4];
    if (!section_need(z->file, ZKEY_PROTOCOL, sizeof b, &s, err) ||
        !cvk_source_read(&s, 0, b, sizeof b, err))
        return false;
    uint32_t protocol = cvk_le32(b);
    bool named = protocol < sizeof known / sizeof *known && known[protocol] != NULL;
    return protocol == PROTOCOL_GROTH16 ||
           section_fail(z->file, ZKEY_PROTOCOL, 0, err, "zkey.protocol",
                        "a key of protocol %" PRIu32 "%s%s, and only Groth16's are supported",
                        protocol, named ? ", " : "", named ? known[protocol] : "");
}

/* A prime with its length before it, which is a multiple of 8 in every file there is. */
static bool take_prime(SectionCursor *from, uint8_t ret[BASE_BYTES_MAX], uint32_t *ret_n,
                       CvkErr *err) {
    uint64_t at = from->at;
    if (!section_take_u32(from, ret_n, "the bytes of a prime", err))
        return false;
    if (*ret_n != 32 && *ret_n != BASE_BYTES_MAX)
        return section_fail(from->file, from->type, at, err, "zkey.prime",
                            "a prime of %" PRIu32 " bytes; supported: " CURVES_SUPPORTED, *ret_n);
    return section_take(from, ret, *ret_n, "a prime", err);
}

static bool take_curve(SectionCursor *from, const Curve **ret, CvkErr *err) {
    uint8_t prime[BASE_BYTES_MAX];
    uint32_t n;
    uint64_t at = from->at;
    if (!take_prime(from, prime, &n, err))
        return false;
    const Curve *c = curves_with_base(prime, n);
    if (c == NULL)
        return section_fail(from->file, from->type, at + 4, err, "zkey.prime",
                            "q is not the prime of a supported curve: " CURVES_SUPPORTED);
    at = from->at;
    if (!take_prime(from, prime, &n, err))
        return false;
    if (curves_with_order(prime, n) != c)
        return section_fail(from->file, from->type, at + 4, err, "zkey.prime",
                            "r is not the order of %s, whose prime q is", curve_name(c));
    *ret = c;
    return true;
}

static bool is_power_of_two(uint32_t n) {
    return n != 0 && (n & (n - 1)) == 0;
}

static bool take_count(SectionCursor *from, Phase2Key *key, Phase2Single which, const char *what,
                       uint32_t *ret, CvkErr *err) {
    key->at[which] = section_spot(from);
    return section_take_u32(from, ret, what, err);
}

static bool take_counts(SectionCursor *from, Phase2Key *key, CvkErr *err) {
    Phase2Header *h = &key->header;
    uint64_t at = from->at;
    if (!take_count(from, key, PHASE2_AT_N_VARS, "the number of variables", &h->n_vars, err) ||
        !take_count(from, key, PHASE2_AT_N_PUBLIC, "the number of public signals", &h->n_public,
                    err) ||
        !take_count(from, key, PHASE2_AT_DOMAIN, "the domain", &h->domain, err))
        return false;
    if (h->n_public >= h->n_vars)
        return section_fail(from->file, from->type, at + 4, err, "zkey.public",
                            "%" PRIu32 " public signals of %" PRIu32 " variables, of which one is "
                            "the constant",
                            h->n_public, h->n_vars);
    if (!is_power_of_two(h->domain) || h->domain > (uint32_t)1 << PHASE1_POWER_MAX)
        return section_fail(from->file, from->type, at + 8, err, "zkey.domain",
                            "the domain %" PRIu32 " is not a power of two up to 2^%d", h->domain,
                            PHASE1_POWER_MAX);
    return h->domain > h->n_public ||
           section_fail(from->file, from->type, at + 8, err, "zkey.domain",
                        "the domain %" PRIu32 " is too small for %" PRIu32 " public signals",
                        h->domain, h->n_public);
}

static bool take_element(SectionCursor *from, Phase2Key *key, Phase2Single which, const char *what,
                         Element *ret, CvkErr *err) {
    const Curve *c = key->header.curve;
    const bool in_g2 =
        which == PHASE2_AT_BETA_G2 || which == PHASE2_AT_GAMMA_G2 || which == PHASE2_AT_DELTA_G2;
    key->at[which] = section_spot(from);
    return zkey_take_point(from, in_g2 ? curve_g2(c) : curve_g1(c), what, ret, err);
}

static bool read_header(Zkey *z, CvkErr *err) {
    SectionCursor from;
    Phase2Key *key = &z->key;
    Phase2Header *h = &key->header;
    if (!section_cursor(z->file, ZKEY_HEADER, &from, err))
        return false;
    key->at[PHASE2_AT_CURVE] = section_spot(&from);
    return take_curve(&from, &h->curve, err) && take_counts(&from, key, err) &&
           take_element(&from, key, PHASE2_AT_ALPHA_G1, "alpha1", &h->alpha_g1, err) &&
           take_element(&from, key, PHASE2_AT_BETA_G1, "beta1", &h->beta_g1, err) &&
           take_element(&from, key, PHASE2_AT_BETA_G2, "beta2", &h->beta_g2, err) &&
           take_element(&from, key, PHASE2_AT_GAMMA_G2, "gamma2", &h->gamma_g2, err) &&
           take_element(&from, key, PHASE2_AT_DELTA_G1, "delta1", &h->delta_g1, err) &&
           take_element(&from, key, PHASE2_AT_DELTA_G2, "delta2", &h->delta_g2, err) &&
           section_end(&from, err);
}

static bool find_vectors(Zkey *z, CvkErr *err) {
    const Phase2Header *h = &z->key.header;
    for (unsigned i = 0; i < PHASE2_VECTORS; i++) {
        Vector *v = &z->key.v[i];
        *v = (Vector){.name = phase2_vector_names[i],
                      .section = zkey_vector_section(i),
                      .group = phase2_vector_group(h->curve, i),
                      .reading = {.form = FORM_MONTGOMERY, .infinity = true},
                      .n = phase2_vector_n(h, i)};
        if (!section_need(z->file, v->section, v->n * form_bytes(v->group, FORM_MONTGOMERY),
                          &v->bytes, err))
            return false;
    }
    return true;
}

/* ---- coefficients ---- */

#define COEFFICIENTS_AT_A_TIME 1024

static bool check_coefficient(const Zkey *z, const uint8_t *b, uint32_t i, CvkErr *err) {
    const Phase2Header *h = &z->key.header;
    uint64_t at = 4 + (uint64_t)i * PHASE2_COEFFICIENT_BYTES;
    uint32_t matrix = cvk_le32(b), constraint = cvk_le32(b + 4), signal = cvk_le32(b + 8);
    Fr value;
    if (matrix > 1)
        return section_fail(z->file, ZKEY_COEFFICIENTS, at, err, "zkey.coefficient",
                            "coefficient %" PRIu32 " is of matrix %" PRIu32 ", neither 0 nor 1", i,
                            matrix);
    if (constraint >= h->domain)
        return section_fail(z->file, ZKEY_COEFFICIENTS, at + 4, err, "zkey.coefficient",
                            "coefficient %" PRIu32 " is of constraint %" PRIu32
                            " in a domain of %" PRIu32,
                            i, constraint, h->domain);
    if (signal >= h->n_vars)
        return section_fail(z->file, ZKEY_COEFFICIENTS, at + 8, err, "zkey.coefficient",
                            "coefficient %" PRIu32 " is of signal %" PRIu32 " of %" PRIu32, i,
                            signal, h->n_vars);
    return fr_from_montgomery(h->curve, b + 12, &value) ||
           section_fail(z->file, ZKEY_COEFFICIENTS, at + 12, err, "zkey.coefficient",
                        "coefficient %" PRIu32 ": its value is not below r", i);
}

static bool check_coefficients(const Zkey *z, CvkErr *err) {
    uint8_t b[COEFFICIENTS_AT_A_TIME * PHASE2_COEFFICIENT_BYTES];
    for (uint32_t i = 0, n; i < z->coefficients_n; i += n) {
        n = z->coefficients_n - i;
        if (n > COEFFICIENTS_AT_A_TIME)
            n = COEFFICIENTS_AT_A_TIME;
        if (!cvk_source_read(&z->key.coefficients, 4 + (uint64_t)i * PHASE2_COEFFICIENT_BYTES, b,
                             (size_t)n * PHASE2_COEFFICIENT_BYTES, err))
            return false;
        for (uint32_t j = 0; j < n; j++)
            if (!check_coefficient(z, b + (size_t)j * PHASE2_COEFFICIENT_BYTES, i + j, err))
                return false;
    }
    return true;
}

static bool read_coefficients(Zkey *z, CvkErr *err) {
    uint8_t count[4];
    CvkSource *s = &z->key.coefficients;
    if (!section_need(z->file, ZKEY_COEFFICIENTS, ANY_SIZE, s, err))
        return false;
    if (s->n < sizeof count)
        return section_fail(z->file, ZKEY_COEFFICIENTS, 0, err, "section.size",
                            "%" PRIu64 " bytes do not hold a count", s->n);
    if (!cvk_source_read(s, 0, count, sizeof count, err))
        return false;
    z->coefficients_n = cvk_le32(count);
    z->key.coefficients_section = ZKEY_COEFFICIENTS;
    return section_need(z->file, ZKEY_COEFFICIENTS,
                        sizeof count + (uint64_t)z->coefficients_n * PHASE2_COEFFICIENT_BYTES, s,
                        err) &&
           check_coefficients(z, err);
}

/* ---- opening ---- */

/* Takes the file over in every case. */
static bool open_file(SectionFile *file, Zkey **ret, CvkErr *err) {
    Zkey *z = cvk_alloc(1, sizeof *z, err);
    if (z == NULL) {
        section_file_close(file);
        return false;
    }
    z->file = file;
    if (!read_protocol(z, err) || !read_header(z, err) || !find_vectors(z, err) ||
        !zkey_contributions_read(file, &z->key, &z->contributions, err) ||
        !read_coefficients(z, err)) {
        zkey_close(z);
        return false;
    }
    *ret = z;
    return true;
}

bool zkey_open(const char *path, Zkey **ret, CvkErr *err) {
    SectionFile *file;
    return section_file_open(path, &zkey_kind, &file, err) && open_file(file, ret, err);
}

bool zkey_memory(const void *data, size_t n, const char *name, Zkey **ret, CvkErr *err) {
    SectionFile *file;
    return section_file_memory(data, n, name, &zkey_kind, &file, err) && open_file(file, ret, err);
}

Zkey *zkey_close(Zkey *z) {
    if (z != NULL) {
        section_file_close(z->file);
        free(z->contributions);
    }
    free(z);
    return NULL;
}

const Phase2Key *zkey_key(const Zkey *z) {
    return &z->key;
}

const SectionFile *zkey_file(const Zkey *z) {
    return z->file;
}

uint32_t zkey_coefficients_n(const Zkey *z) {
    return z->coefficients_n;
}
