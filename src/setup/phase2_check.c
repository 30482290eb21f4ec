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

bool phase2_refuse_contribution(Verdict *v, const Phase2Key *key, uint32_t n, const char *id,
                                const char *fmt, ...) {
    const CvkPlace place = cvk_place_of(&key->contributions[n - 1].place);
    char text[VERDICT_TEXT_MAX / 2];
    if (!v->valid)
        return false;
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    v->contribution = n;
    return verdict_refuse_at(v, &place, id, "contribution %" PRIu32 ": %s", n, text);
}

bool phase2_refuse_single(const Phase2Check *c, Phase2Single which, const char *id, const char *fmt,
                          ...) {
    const CvkPlace place = cvk_place_of(&c->key->at[which]);
    char text[VERDICT_TEXT_MAX / 2];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    return verdict_refuse_at(c->verdict, &place, id, "%s", text);
}
