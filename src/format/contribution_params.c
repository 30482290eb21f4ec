#include "format/contribution_params.h"

#include "base/le.h"
#include "codec/utf8.h"

#include <inttypes.h>
#include <string.h>

enum { PARAM_NAME = 1, PARAM_ITERATIONS, PARAM_BEACON_HASH };

/* Three ids, a name and a hash with their lengths, the iterations. */
#define PARAMS_MAX (3 + 2 * (1 + 255) + 1)
#define NAME_UNITS 64 /* of UTF-16, which is what snarkjs counts */

/* ---- reading ---- */

typedef struct {
    const SectionCursor *from;
    uint64_t start; /* where the fields begin in the section */
    const uint8_t *data;
    size_t n, at;
} Fields;

static bool fail(const Fields *f, CvkErr *err, const char *what) {
    return section_fail(f->from->file, f->from->type, f->start + f->at, err, "contribution.params",
                        "%s", what);
}

static bool take_byte(Fields *f, uint8_t *ret, CvkErr *err) {
    if (f->at == f->n)
        return fail(f, err, "the contribution's parameters end too early");
    *ret = f->data[f->at++];
    return true;
}

/* Its length in a byte, then so many bytes. */
static bool take_bytes(Fields *f, void *ret, uint8_t *ret_n, CvkErr *err) {
    if (!take_byte(f, ret_n, err))
        return false;
    if (*ret_n > f->n - f->at)
        return fail(f, err, "a parameter of the contribution does not fit into their length");
    memcpy(ret, f->data + f->at, *ret_n);
    f->at += *ret_n;
    return true;
}

static bool take_field(Fields *f, uint8_t id, ContributionParams *p, CvkErr *err) {
    switch (id) {
    case PARAM_NAME:
        p->has_name = true;
        return take_bytes(f, p->name, &p->name_n, err);
    case PARAM_ITERATIONS:
        p->has_iterations = true;
        return take_byte(f, &p->iterations_exp, err);
    case PARAM_BEACON_HASH:
        p->has_beacon_hash = true;
        return take_bytes(f, p->beacon_hash, &p->beacon_hash_n, err);
    }
    f->at--;
    return fail(f, err, "a parameter of the contribution is of an unknown kind");
}

static bool take_fields(Fields *f, ContributionParams *p, CvkErr *err) {
    uint8_t last = 0;
    while (f->at < f->n) {
        uint8_t id = f->data[f->at];
        if (id <= last)
            return fail(f, err, "the contribution's parameters are not in rising order");
        last = id;
        f->at++;
        if (!take_field(f, id, p, err))
            return false;
    }
    return true;
}

bool contribution_params_read(SectionCursor *from, ContributionParams *ret, CvkErr *err) {
    uint8_t data[PARAMS_MAX];
    ContributionParams p = {0};
    uint32_t type, n;
    uint64_t at = from->at;
    if (!section_take_u32(from, &type, "the type of a contribution", err) ||
        !section_take_u32(from, &n, "the length of a contribution's parameters", err))
        return false;
    if (type > 1)
        return section_fail(from->file, from->type, at, err, "contribution.type",
                            "a contribution of type %" PRIu32 ": only 0 and 1 (a beacon) are known",
                            type);
    if (n > sizeof data)
        return section_fail(from->file, from->type, at + 4, err, "contribution.params",
                            "the contribution's parameters have %" PRIu32
                            " bytes, more than all there are can have",
                            n);
    Fields f = {.from = from, .start = from->at, .data = data, .n = n};
    if (!section_take(from, data, n, "a contribution's parameters", err) ||
        !take_fields(&f, &p, err))
        return false;
    p.beacon = type == 1;
    if (p.beacon && !(p.has_iterations && p.has_beacon_hash))
        return section_fail(from->file, from->type, at, err, "contribution.beacon",
                            "a beacon does not tell its hash and how often it was hashed");
    *ret = p;
    return true;
}

/* ---- writing ---- */

static size_t put_bytes(uint8_t *to, uint8_t id, const void *data, uint8_t n) {
    to[0] = id;
    to[1] = n;
    memcpy(to + 2, data, n);
    return 2 + (size_t)n;
}

bool contribution_params_write(const ContributionParams *p, const CvkSink *to, CvkErr *err) {
    uint8_t data[8 + PARAMS_MAX];
    size_t n = 8;
    if (p->has_name)
        n += put_bytes(data + n, PARAM_NAME, p->name, p->name_n);
    if (p->has_iterations) {
        data[n++] = PARAM_ITERATIONS;
        data[n++] = p->iterations_exp;
    }
    if (p->has_beacon_hash)
        n += put_bytes(data + n, PARAM_BEACON_HASH, p->beacon_hash, p->beacon_hash_n);
    cvk_put_le32(p->beacon ? 1 : 0, data);
    cvk_put_le32((uint32_t)n - 8, data + 4);
    return cvk_sink_write(to, data, n, err);
}

bool contribution_params_set_name(ContributionParams *p, const char *name, CvkErr *err) {
    size_t all = strlen(name), n = 0, units = 0;
    for (size_t at = 0, len; at < all; at += len) {
        len = utf8_length(name + at, all - at);
        if (len == 0)
            return cvk_fail(err, CVK_EBADREQ, "contribution.name", "the name is not UTF-8");
        units += len == UTF8_MAX ? 2 : 1;
        if (units <= NAME_UNITS)
            n = at + len;
    }
    memset(p->name, 0, sizeof p->name);
    memcpy(p->name, name, n);
    p->name_n = (uint8_t)n;
    p->has_name = n != 0;
    return true;
}
