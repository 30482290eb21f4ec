#include "base/place.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char cut[] = "...";

const char *cvk_shown(const char *path, char ret[CVK_SHOWN_MAX]) {
    const size_t n = strlen(path), room = CVK_SHOWN_MAX - sizeof cut;
    if (n < CVK_SHOWN_MAX) {
        memcpy(ret, path, n + 1);
        return ret;
    }
    const char *end = path + n - room;
    while (((unsigned char)*end & 0xc0) == 0x80) /* within a character */
        end++;
    snprintf(ret, CVK_SHOWN_MAX, "%s%s", cut, end);
    return ret;
}

CvkPlace cvk_place(const char *file) {
    CvkPlace p = {.exact = false};
    if (file != NULL)
        cvk_shown(file, p.file);
    return p;
}

CvkPlace cvk_place_at(const char *file, uint32_t section, uint64_t offset) {
    CvkPlace p = cvk_place(file);
    p.exact = true;
    p.section = section;
    p.offset = offset;
    return p;
}

CvkPlace cvk_place_of(const CvkSpot *s) {
    return s->file != NULL ? cvk_place_at(s->file, s->section, s->offset) : cvk_place(NULL);
}

const char *cvk_place_text(const CvkPlace *p, char ret[CVK_PLACE_TEXT]) {
    ret[0] = '\0';
    if (p->exact && p->section != 0)
        snprintf(ret, CVK_PLACE_TEXT, " (section %" PRIu32 ", offset %" PRIu64 ")", p->section,
                 p->offset);
    else if (p->exact)
        snprintf(ret, CVK_PLACE_TEXT, " (offset %" PRIu64 ")", p->offset);
    return ret;
}
