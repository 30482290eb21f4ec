#include "setup/vector.h"

#include "base/alloc.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

Factors work_factors(const Work *w, uint64_t label) {
    Factors ret = {.label = label};
    memcpy(ret.seed, w->seed, sizeof ret.seed);
    return ret;
}

size_t work_block(const Work *w, const Group *g, unsigned shares) {
    assert(shares != 0);
    /* bytes as read, the points, their multiples or sums on the way, and a scalar */
    size_t each = 4 * form_bytes(g, FORM_MONTGOMERY) + 2 * FR_BYTES;
    size_t n = w->memory / shares / each;
    return n < 64 ? 64 : n - n % 64; /* whole blocks of the layer below */
}

static const char *fault_id(PointFault fault) {
    switch (fault) {
    case POINT_OK:
        break;
    case POINT_NOT_COMPRESSED:
        return "point.not_compressed";
    case POINT_BAD_INFINITY:
        return "point.bad_infinity";
    case POINT_X_TOO_LARGE:
        return "point.too_large";
    case POINT_NOT_ON_CURVE:
        return "point.not_on_curve";
    case POINT_NOT_IN_GROUP:
        return "point.not_in_group";
    case POINT_INFINITY:
        return "point.infinity";
    }
    assert(false);
    return NULL;
}

CvkPlace vector_place(const Vector *v, uint64_t index) {
    if (v->bytes.file == NULL && v->section == 0)
        return cvk_place(NULL);
    return cvk_place_at(v->bytes.file, v->section,
                        v->bytes.from + index * form_bytes(v->group, v->reading.form));
}

bool vector_refuse(const Vector *v, uint64_t index, Verdict *verdict, const char *id,
                   const char *text) {
    const bool whole = index == VECTOR_WHOLE;
    const CvkPlace place = vector_place(v, whole ? 0 : index);
    if (whole)
        return verdict_refuse_at(verdict, &place, id, "%s %s", v->name, text);
    return verdict_refuse_at(verdict, &place, id, "%s[%" PRIu64 "] %s", v->name, index, text);
}

bool vector_read(const Vector *v, uint64_t from, size_t n, const Work *w, uint64_t label,
                 Points **ret, Element *ret_combination, Verdict *verdict, CvkErr *err) {
    assert(from <= v->n && n <= v->n - from);
    size_t each = form_bytes(v->group, v->reading.form);
    _cleanup_free_ uint8_t *bytes = cvk_alloc(n, each, err);
    const Factors factors = work_factors(w, label);
    PointReport report;
    Points *points = NULL;
    if (bytes == NULL || !cvk_source_read(&v->bytes, from * each, bytes, n * each, err) ||
        !points_read(v->group, v->reading, bytes, n, &factors, w->pool, &points, ret_combination,
                     &report, err))
        return false;
    if (report.fault != POINT_OK) {
        points = points_free(points);
        vector_refuse(v, from + report.index, verdict, fault_id(report.fault),
                      point_fault_text(report.fault));
    }
    *ret = points;
    return true;
}

bool vector_read_good(const Vector *v, uint64_t from, size_t n, const Work *w, uint64_t label,
                      Points **ret, Element *ret_combination, CvkErr *err) {
    Verdict verdict = {.valid = true};
    return vector_read(v, from, n, w, label, ret, ret_combination, &verdict, err) &&
           verdict_need(&verdict, err);
}

bool vector_write(const Vector *v, PointForm form, const Work *w, uint64_t label, const CvkSink *to,
                  Verdict *verdict, CvkErr *err) {
    /* two: a block is still being read and checked when the other bytes are there */
    size_t block = work_block(w, v->group, 2), each = form_bytes(v->group, form);
    if (block > v->n)
        block = (size_t)v->n;
    _cleanup_free_ uint8_t *bytes = cvk_alloc(block, each, err);
    if (bytes == NULL)
        return false;
    for (uint64_t at = 0; at < v->n && verdict->valid; at += block) {
        size_t n = v->n - at < block ? (size_t)(v->n - at) : block;
        Points *p;
        if (!vector_read(v, at, n, w, label, &p, NULL, verdict, err))
            return false;
        if (p == NULL)
            return true;
        points_write(p, 0, n, form, w->pool, bytes);
        points_free(p);
        if (!cvk_sink_write(to, bytes, n * each, err))
            return false;
        cvk_meter_advance(w->meter, n);
    }
    return true;
}
