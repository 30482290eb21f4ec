#include "setup/phase2_check.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

uint64_t phase2_label(Phase2Use use, uint64_t block) {
    assert(block >> 32 == 0);
    return (uint64_t)use << 32 | block;
}

Factors phase2_factors(const Work *w, Phase2Use use, uint64_t block) {
    return work_factors(w, phase2_label(use, block));
}

bool phase2_refuse_contribution(Verdict *v, uint32_t n, const char *id, const char *fmt, ...) {
    char text[VERDICT_TEXT_MAX / 2];
    if (!v->valid)
        return false;
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    v->contribution = n;
    return verdict_refuse(v, id, "contribution %" PRIu32 ": %s", n, text);
}

bool phase2_refuse_point(Verdict *v, const Vector *where, uint64_t index, const char *id,
                         const char *text) {
    const bool whole = index == PHASE2_WHOLE;
    char place[96] = "";
    if (!v->valid)
        return false;
    v->section = where->section;
    v->offset = where->section == 0 ? 0 : where->bytes.from;
    if (!whole)
        snprintf(place, sizeof place, "[%" PRIu64 "]", index);
    if (!whole && where->section != 0)
        v->offset += index * form_bytes(where->group, where->reading.form);
    return verdict_refuse(v, id, "%s%s %s", where->name, place, text);
}

bool phase2_read_believed(const char *whose, const Vector *v, uint64_t from, size_t n,
                          const Work *w, uint64_t label, Points **ret, Element *ret_combination,
                          CvkErr *err) {
    Verdict verdict = {.valid = true};
    Points *points = NULL;
    if (!vector_read(v, from, n, w, label, &points, ret_combination, &verdict, err))
        return cvk_fail_prefix(err, "%s", whose);
    if (!verdict.valid)
        return cvk_fail(err, CVK_EBADREQ, verdict.id, "%s: %s", whose, verdict.text);
    *ret = points;
    return true;
}
