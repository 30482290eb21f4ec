#include "format/challenge.h"

#include "base/alloc.h"
#include "format/curves.h"
#include "format/sections.h"

#include <inttypes.h>
#include <string.h>

struct ChallengeFile {
    CvkFileIn in; /* in.f is NULL for a file in memory */
    ChallengeKind kind;
    CvkSource whole;
    Phase1State state;
    uint8_t hash[BLAKE2B_BYTES];
    Phase1Pubkey pubkey;
};

/* ---- sizes ---- */

const char *challenge_kind_name(ChallengeKind kind) {
    return kind == FILE_CHALLENGE ? "challenge" : "response";
}

PointForm challenge_form(ChallengeKind kind) {
    return kind == FILE_CHALLENGE ? FORM_UNCOMPRESSED : FORM_COMPRESSED;
}

static uint64_t vector_bytes(ChallengeKind kind, const Curve *c, Phase1Vector v, unsigned power) {
    return phase1_vector_n(v, power) * form_bytes(phase1_vector_group(c, v), challenge_form(kind));
}

uint64_t challenge_bytes(ChallengeKind kind, const Curve *c, unsigned power) {
    uint64_t n = BLAKE2B_BYTES;
    for (Phase1Vector v = 0; v < PHASE1_VECTORS; v++)
        n += vector_bytes(kind, c, v, power);
    return kind == FILE_RESPONSE ? n + phase1_pubkey_bytes(c, FORM_UNCOMPRESSED) : n;
}

bool challenge_of_size(uint64_t bytes, ChallengeKind *ret_kind, const Curve **ret_curve,
                       unsigned *ret_power) {
    const Curve *curves[] = {curve_bn254(), curve_bls12_381()};
    const ChallengeKind kinds[] = {FILE_CHALLENGE, FILE_RESPONSE};
    for (size_t i = 0; i < sizeof curves / sizeof curves[0]; i++)
        for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++)
            for (unsigned p = PHASE1_POWER_MIN; p <= PHASE1_POWER_MAX; p++)
                if (challenge_bytes(kinds[k], curves[i], p) == bytes) {
                    *ret_kind = kinds[k];
                    *ret_curve = curves[i];
                    *ret_power = p;
                    return true;
                }
    return false;
}

/* ---- reading ---- */

static bool find_kind(ChallengeFile *f, ChallengeKind wanted, CvkErr *err) {
    const char *id = wanted == FILE_CHALLENGE ? "challenge.size" : "response.size";
    const char *name = challenge_kind_name(wanted);
    if (!challenge_of_size(f->whole.n, &f->kind, &f->state.curve, &f->state.power))
        return cvk_source_fail(&f->whole, f->whole.n, err, id,
                               "it has %" PRIu64 " bytes, as no %s of " CURVES_SUPPORTED
                               " has; it may be incomplete",
                               f->whole.n, name);
    if (f->kind != wanted)
        return cvk_fail(err, CVK_EBADREQ, id,
                        "%s: it has the size of a %s (%s, power %u), not of a %s",
                        CVK_SHOWN(f->in.path), challenge_kind_name(f->kind),
                        curve_name(f->state.curve), f->state.power, name) ||
               cvk_fail_in(err, f->in.path);
    f->state.ceremony_power = f->state.power;
    return true;
}

/* Where each vector lies; returns where the last one ends. */
static uint64_t place_vectors(ChallengeFile *f) {
    Phase1State *s = &f->state;
    uint64_t at = BLAKE2B_BYTES;
    for (Phase1Vector v = 0; v < PHASE1_VECTORS; v++) {
        uint64_t n = vector_bytes(f->kind, s->curve, v, s->power);
        s->v[v] = (Vector){.name = phase1_vector_names[v],
                           .group = phase1_vector_group(s->curve, v),
                           .reading = {.form = challenge_form(f->kind)},
                           .n = phase1_vector_n(v, s->power),
                           .bytes = cvk_source_part(&f->whole, at, n)};
        at += n;
    }
    return at;
}

static bool read_pubkey(ChallengeFile *f, uint64_t at, CvkErr *err) {
    uint8_t bytes[FORM_BYTES_MAX];
    const PointReading reading = {.form = FORM_UNCOMPRESSED};
    for (unsigned i = 0; i < PHASE1_PUBKEY_POINTS; i++) {
        const Group *g = phase1_pubkey_group(f->state.curve, i);
        size_t n = form_bytes(g, FORM_UNCOMPRESSED);
        if (!cvk_source_read(&f->whole, at, bytes, n, err))
            return false;
        PointFault fault = element_read(g, reading, bytes, phase1_pubkey_point(&f->pubkey, i));
        if (fault != POINT_OK)
            return cvk_source_fail(&f->whole, at, err, "response.point", "the public key's %s %s",
                                   phase1_pubkey_name(i), point_fault_text(fault));
        at += n;
    }
    return true;
}

static bool read_all(ChallengeFile *f, ChallengeKind kind, CvkErr *err) {
    const char *wanted = kind == FILE_CHALLENGE ? "a challenge" : "a response";
    if (!section_no_magic(&f->whole, wanted, err) || !find_kind(f, kind, err) ||
        !cvk_source_read(&f->whole, 0, f->hash, sizeof f->hash, err))
        return false;
    uint64_t end = place_vectors(f);
    return kind == FILE_CHALLENGE || read_pubkey(f, end, err);
}

static bool finish_open(ChallengeFile *f, ChallengeKind kind, ChallengeFile **ret, CvkErr *err) {
    if (!read_all(f, kind, err)) {
        challenge_close(f);
        return false;
    }
    *ret = f;
    return true;
}

bool challenge_open(const char *path, ChallengeKind kind, ChallengeFile **ret, CvkErr *err) {
    ChallengeFile *f = cvk_alloc(1, sizeof *f, err);
    if (f == NULL)
        return false;
    if (!cvk_file_in_open(&f->in, path, err)) {
        free(f);
        return false;
    }
    f->whole = cvk_file_in_bytes(&f->in);
    return finish_open(f, kind, ret, err);
}

bool challenge_memory(const void *data, size_t n, const char *name, ChallengeKind kind,
                      ChallengeFile **ret, CvkErr *err) {
    ChallengeFile *f = cvk_alloc(1, sizeof *f, err);
    if (f == NULL)
        return false;
    snprintf(f->in.path, sizeof f->in.path, "%s", name);
    f->whole = cvk_source_memory(data, n);
    f->whole.file = f->in.path;
    return finish_open(f, kind, ret, err);
}

ChallengeFile *challenge_close(ChallengeFile *f) {
    if (f != NULL)
        cvk_file_in_close(&f->in);
    free(f);
    return NULL;
}

const Phase1State *challenge_state(const ChallengeFile *f) {
    return &f->state;
}

const uint8_t *challenge_hash(const ChallengeFile *f) {
    return f->hash;
}

const Phase1Pubkey *challenge_pubkey(const ChallengeFile *f) {
    return &f->pubkey;
}

CvkSource challenge_whole(const ChallengeFile *f) {
    return f->whole;
}
