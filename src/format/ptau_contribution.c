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

/* The heads of the state, then the public keys. */
#define HEADS 5
#define POINTS (HEADS + PHASE1_PUBKEY_POINTS)

typedef struct {
    Element *at;
    const char *name;
} Place;

/* Where point i of the file's order belongs. */
static Place place_of(Phase1Contribution *p, unsigned i) {
    const Place heads[HEADS] = {{&p->tau_g1, "tauG1"},
                                {&p->tau_g2, "tauG2"},
                                {&p->alpha_g1, "alphaG1"},
                                {&p->beta_g1, "betaG1"},
                                {&p->beta_g2, "betaG2"}};
    if (i < HEADS)
        return heads[i];
    return (Place){phase1_pubkey_point(&p->pubkey, i - HEADS), phase1_pubkey_name(i - HEADS)};
}

static const Group *group_of(const Curve *c, unsigned i) {
    if (i < HEADS)
        return i == 1 || i == 4 ? curve_g2(c) : curve_g1(c);
    return phase1_pubkey_group(c, i - HEADS);
}

static bool read_points(SectionCursor *from, const Curve *c, Phase1Contribution *ret, CvkErr *err) {
    uint8_t bytes[FORM_BYTES_MAX];
    const PointReading reading = {.form = FORM_MONTGOMERY};
    for (unsigned i = 0; i < POINTS; i++) {
        Place p = place_of(ret, i);
        const Group *g = group_of(c, i);
        uint64_t at = from->at;
        if (!section_take(from, bytes, form_bytes(g, FORM_MONTGOMERY), "a contribution's points",
                          err))
            return false;
        PointFault fault = element_read(g, reading, bytes, p.at);
        if (fault != POINT_OK)
            return section_fail(from->file, from->type, at, err, "ptau.point",
                                "the contribution's %s %s", p.name, point_fault_text(fault));
    }
    return true;
}

static bool write_points(const Phase1Contribution *p, const CvkSink *to, CvkErr *err) {
    Phase1Contribution copy = *p; /* place_of gives places that can be written */
    uint8_t bytes[FORM_BYTES_MAX];
    for (unsigned i = 0; i < POINTS; i++) {
        const Element *e = place_of(&copy, i).at;
        element_write(e, FORM_MONTGOMERY, bytes);
        if (!cvk_sink_write(to, bytes, form_bytes(e->group, FORM_MONTGOMERY), err))
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
        n += form_bytes(group_of(c, i), FORM_MONTGOMERY);
    return n;
}

bool ptau_contribution_read(SectionCursor *from, const Curve *c, unsigned ceremony_power,
                            Phase1Contribution *ret, CvkErr *err) {
    ret->place = section_spot(from);
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
