#include "format/ptau_contribution.h"

#include "base/le.h"
#include "format/contribution_params.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

/* The hash state: buffer, h, counter, position, and what is set only at the end of hashing. */
#define STATE_H BLAKE2B_BLOCK
#define STATE_T (STATE_H + 64)
#define STATE_POS (STATE_T + 8)
#define STATE_LAST (STATE_POS + 8)
#define STATE_BYTES (STATE_LAST + 8)

/* ---- points ---- */

#define POINTS 14

typedef struct {
    Element *at;
    const char *name;
} NamedPoint;

/* The points in the order of the file; their groups are set. */
static void points_of(Phase1Contribution *p, NamedPoint ret[POINTS]) {
    const NamedPoint in_order[POINTS] = {
        {&p->tau_g1, "tauG1"},
        {&p->tau_g2, "tauG2"},
        {&p->alpha_g1, "alphaG1"},
        {&p->beta_g1, "betaG1"},
        {&p->beta_g2, "betaG2"},
        {&p->pubkey.key[KEY_TAU].g1_s, "tau.g1_s"},
        {&p->pubkey.key[KEY_TAU].g1_sx, "tau.g1_sx"},
        {&p->pubkey.key[KEY_ALPHA].g1_s, "alpha.g1_s"},
        {&p->pubkey.key[KEY_ALPHA].g1_sx, "alpha.g1_sx"},
        {&p->pubkey.key[KEY_BETA].g1_s, "beta.g1_s"},
        {&p->pubkey.key[KEY_BETA].g1_sx, "beta.g1_sx"},
        {&p->pubkey.key[KEY_TAU].g2_spx, "tau.g2_spx"},
        {&p->pubkey.key[KEY_ALPHA].g2_spx, "alpha.g2_spx"},
        {&p->pubkey.key[KEY_BETA].g2_spx, "beta.g2_spx"},
    };
    memcpy(ret, in_order, sizeof in_order);
}

static const bool in_g2[POINTS] = {[1] = true, [4] = true, [11] = true, [12] = true, [13] = true};

static bool read_points(SectionCursor *from, const Curve *c, Phase1Contribution *ret, CvkErr *err) {
    NamedPoint points[POINTS];
    uint8_t bytes[FORM_BYTES_MAX];
    const PointReading reading = {.form = FORM_MONTGOMERY};
    points_of(ret, points);
    for (unsigned i = 0; i < POINTS; i++) {
        const Group *g = in_g2[i] ? curve_g2(c) : curve_g1(c);
        uint64_t at = from->at;
        if (!section_take(from, bytes, form_bytes(g, FORM_MONTGOMERY), "a contribution's points",
                          err))
            return false;
        PointFault fault = element_read(g, reading, bytes, points[i].at);
        if (fault != POINT_OK)
            return section_fail(from->file, from->type, at, err, "ptau.point",
                                "the contribution's %s %s", points[i].name,
                                point_fault_text(fault));
    }
    return true;
}

static bool write_points(const Phase1Contribution *p, const CvkSink *to, CvkErr *err) {
    Phase1Contribution copy = *p; /* points_of gives places that can be written */
    NamedPoint points[POINTS];
    uint8_t bytes[FORM_BYTES_MAX];
    points_of(&copy, points);
    for (unsigned i = 0; i < POINTS; i++) {
        element_write(points[i].at, FORM_MONTGOMERY, bytes);
        if (!cvk_sink_write(to, bytes, form_bytes(points[i].at->group, FORM_MONTGOMERY), err))
            return false;
    }
    return true;
}

/* ---- the hash state ---- */

/* The challenge's hash, and every point of the ceremony in its compressed form. */
static uint64_t hashed_bytes(const Curve *c, unsigned power) {
    uint64_t n = BLAKE2B_BYTES;
    for (Phase1Vector v = 0; v < PHASE1_VECTORS; v++)
        n += phase1_vector_n(v, power) * form_bytes(phase1_vector_group(c, v), FORM_COMPRESSED);
    return n;
}

static bool fail_state(const SectionCursor *from, size_t at, CvkErr *err, const char *what) {
    return section_fail(from->file, from->type, from->at - STATE_BYTES + at, err, "ptau.hash_state",
                        "%s of the contribution's hash state is not what the power makes it", what);
}

static bool read_state(SectionCursor *from, uint64_t hashed, CvkBlake2b *ret, CvkErr *err) {
    uint8_t bytes[STATE_BYTES];
    if (!section_take(from, bytes, sizeof bytes, "a contribution's hash state", err))
        return false;
    /* The last block stays in the buffer, even a full one. */
    size_t pos = (size_t)((hashed - 1) % BLAKE2B_BLOCK) + 1;
    uint64_t t = hashed - pos, written = cvk_le64(bytes + STATE_T);
    if (written != t && written != (uint32_t)t)
        return fail_state(from, STATE_T, err, "the counter");
    if (cvk_le64(bytes + STATE_POS) != pos)
        return fail_state(from, STATE_POS, err, "the position");
    if (cvk_le64(bytes + STATE_LAST) != 0)
        return fail_state(from, STATE_LAST, err, "the end");
    *ret = (CvkBlake2b){.t = t, .pos = pos};
    memcpy(ret->buffer, bytes, pos);
    for (size_t i = 0; i < 8; i++)
        ret->h[i] = cvk_le64(bytes + STATE_H + 8 * i);
    return true;
}

static void put_state(const CvkBlake2b *b, uint8_t ret[STATE_BYTES]) {
    memset(ret, 0, STATE_BYTES);
    memcpy(ret, b->buffer, b->pos);
    for (size_t i = 0; i < 8; i++)
        cvk_put_le64(b->h[i], ret + STATE_H + 8 * i);
    cvk_put_le64(b->t, ret + STATE_T);
    cvk_put_le64(b->pos, ret + STATE_POS);
}

/* ---- the whole ---- */

uint64_t ptau_contribution_bytes(const Curve *c) {
    uint64_t n = STATE_BYTES + BLAKE2B_BYTES + 8;
    for (unsigned i = 0; i < POINTS; i++)
        n += form_bytes(in_g2[i] ? curve_g2(c) : curve_g1(c), FORM_MONTGOMERY);
    return n;
}

bool ptau_contribution_read(SectionCursor *from, const Curve *c, unsigned ceremony_power,
                            Phase1Contribution *ret, CvkErr *err) {
    return read_points(from, c, ret, err) &&
           read_state(from, hashed_bytes(c, ceremony_power), &ret->partial, err) &&
           section_take(from, ret->next_challenge, BLAKE2B_BYTES, "a contribution's hash", err) &&
           contribution_params_read(from, &ret->params, err);
}

bool ptau_contribution_write(const Phase1Contribution *p, const CvkSink *to, CvkErr *err) {
    uint8_t state[STATE_BYTES];
    put_state(&p->partial, state);
    return write_points(p, to, err) && cvk_sink_write(to, state, sizeof state, err) &&
           cvk_sink_write(to, p->next_challenge, BLAKE2B_BYTES, err) &&
           contribution_params_write(&p->params, to, err);
}
