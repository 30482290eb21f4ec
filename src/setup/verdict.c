#include "setup/verdict.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

PRINTF_LIKE(4, 0)
static void refuse(Verdict *v, const CvkPlace *place, const char *id, const char *fmt,
                   va_list args) {
    char where[CVK_PLACE_TEXT];
    if (!v->valid)
        return;
    vsnprintf(v->text, sizeof v->text, fmt, args);
    const size_t n = strlen(v->text);
    snprintf(v->text + n, sizeof v->text - n, "%s", cvk_place_text(place, where));
    v->valid = false;
    v->id = id;
    v->place = *place;
}

bool verdict_refuse(Verdict *v, const char *id, const char *fmt, ...) {
    const CvkPlace nowhere = cvk_place(NULL);
    va_list args;
    va_start(args, fmt);
    refuse(v, &nowhere, id, fmt, args);
    va_end(args);
    return false;
}

bool verdict_refuse_at(Verdict *v, const CvkPlace *place, const char *id, const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    refuse(v, place, id, fmt, args);
    va_end(args);
    return false;
}

bool verdict_need(const Verdict *v, CvkErr *err) {
    if (v->valid)
        return true;
    cvk_fail(err, CVK_EBADREQ, v->id, "%s%s%s", v->place.file, v->place.file[0] != '\0' ? ": " : "",
             v->text);
    return cvk_fail_at(err, &v->place);
}
