#include "base/le.h"
#include "base/limits.h"
#include "format/contribution_params.h"
#include "format/zkey_private.h"

#include <inttypes.h>

bool zkey_take_point(SectionCursor *from, const Group *g, const char *what, Element *ret,
                     CvkErr *err) {
    uint8_t b[FORM_BYTES_MAX];
    uint64_t at = from->at;
    if (!section_take(from, b, form_bytes(g, FORM_MONTGOMERY), what, err))
        return false;
    PointFault fault = element_read(g, (PointReading){.form = FORM_MONTGOMERY}, b, ret);
    return fault == POINT_OK || section_fail(from->file, from->type, at, err, "zkey.point", "%s %s",
                                             what, point_fault_text(fault));
}

bool zkey_put_point(const Element *e, const CvkSink *to, CvkErr *err) {
    uint8_t b[FORM_BYTES_MAX];
    element_write(e, FORM_MONTGOMERY, b);
    return cvk_sink_write(to, b, form_bytes(e->group, FORM_MONTGOMERY), err);
}

uint64_t zkey_contribution_bytes_min(const Curve *c) {
    return 3 * (uint64_t)form_bytes(curve_g1(c), FORM_MONTGOMERY) +
           form_bytes(curve_g2(c), FORM_MONTGOMERY) + BLAKE2B_BYTES + 8;
}

static bool take_contribution(SectionCursor *from, const Curve *c, Phase2Contribution *ret,
                              CvkErr *err) {
    const Group *g1 = curve_g1(c);
    ret->place = section_spot(from);
    return zkey_take_point(from, g1, "deltaAfter", &ret->delta_after, err) &&
           zkey_take_point(from, g1, "g1_s", &ret->g1_s, err) &&
           zkey_take_point(from, g1, "g1_sx", &ret->g1_sx, err) &&
           zkey_take_point(from, curve_g2(c), "g2_spx", &ret->g2_spx, err) &&
           section_take(from, ret->transcript, sizeof ret->transcript, "the transcript", err) &&
           contribution_params_read(from, &ret->params, err);
}

/* The count is held against what there is room for before memory is taken by it. */
static bool take_count(SectionCursor *from, const Curve *c, uint32_t *ret, CvkErr *err) {
    uint64_t at = from->at;
    if (!section_take_u32(from, ret, "the number of contributions", err))
        return false;
    if (*ret > section_left(from) / zkey_contribution_bytes_min(c))
        return section_fail(from->file, from->type, at, err, "zkey.contributions",
                            "%" PRIu32 " contributions are announced, more than there is room for",
                            *ret);
    if (*ret > LIMIT_FILE_CONTRIBUTIONS)
        return section_fail(from->file, from->type, at, err, "limit.count",
                            "%" PRIu32 " contributions, at most %u are possible", *ret,
                            LIMIT_FILE_CONTRIBUTIONS);
    return true;
}

bool zkey_contributions_read(const SectionFile *f, Phase2Key *key, Phase2Contribution **ret,
                             CvkErr *err) {
    SectionCursor from;
    uint32_t n;
    if (!section_cursor(f, ZKEY_CONTRIBUTIONS, &from, err))
        return false;
    key->at[PHASE2_AT_CIRCUIT_HASH] = section_spot(&from);
    if (!section_take(&from, key->circuit_hash, BLAKE2B_BYTES, "the circuit's hash", err))
        return false;
    key->at[PHASE2_AT_COUNT] = section_spot(&from);
    if (!take_count(&from, key->header.curve, &n, err))
        return false;
    _cleanup_free_ Phase2Contribution *list = cvk_alloc(n, sizeof *list, err);
    if (list == NULL)
        return false;
    for (uint32_t i = 0; i < n; i++)
        if (!take_contribution(&from, key->header.curve, &list[i], err))
            return false;
    if (!section_end(&from, err))
        return false;
    key->contributions_n = n;
    key->contributions = *ret = list;
    list = NULL;
    return true;
}

static bool put_contribution(const Phase2Contribution *c, const CvkSink *to, CvkErr *err) {
    return zkey_put_point(&c->delta_after, to, err) && zkey_put_point(&c->g1_s, to, err) &&
           zkey_put_point(&c->g1_sx, to, err) && zkey_put_point(&c->g2_spx, to, err) &&
           cvk_sink_write(to, c->transcript, sizeof c->transcript, err) &&
           contribution_params_write(&c->params, to, err);
}

bool zkey_contributions_write(const Phase2Key *key, const CvkSink *to, CvkErr *err) {
    uint8_t count[4];
    cvk_put_le32(key->contributions_n, count);
    if (!cvk_sink_write(to, key->circuit_hash, BLAKE2B_BYTES, err) ||
        !cvk_sink_write(to, count, sizeof count, err))
        return false;
    for (uint32_t i = 0; i < key->contributions_n; i++)
        if (!put_contribution(&key->contributions[i], to, err))
            return false;
    return true;
}
