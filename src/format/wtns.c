#include "format/wtns.h"

#include "base/alloc.h"
#include "base/le.h"
#include "format/curves.h"

#include <inttypes.h>

enum { HEADER = 1, VALUES, TYPES_N };

static const char *const names[TYPES_N] = {NULL, "header", "values"};
static const SectionKind wtns_kind = {
    .magic = "wtns", .version_max = 2, .version_written = 2, .names = names, .types_n = TYPES_N};

#define HEADER_BYTES (4 + FR_BYTES + 4)
#define VALUES_AT_A_TIME 1024

struct Wtns {
    SectionFile *file;
    const Curve *curve;
    uint32_t n;
    CvkSource values;
};

static bool read_header(Wtns *w, CvkErr *err) {
    CvkSource s;
    uint8_t b[HEADER_BYTES];
    if (!section_need(w->file, HEADER, ANY_SIZE, &s, err))
        return false;
    /* first, as the size follows from it */
    if (s.n >= 4 && !cvk_source_read(&s, 0, b, 4, err))
        return false;
    if (s.n >= 4 && cvk_le32(b) != FR_BYTES)
        return section_fail(w->file, HEADER, 0, err, "wtns.prime",
                            "its field has %" PRIu32 " bytes; supported: " CURVES_SUPPORTED,
                            cvk_le32(b));
    if (!section_need(w->file, HEADER, HEADER_BYTES, &s, err) ||
        !cvk_source_read(&s, 0, b, sizeof b, err))
        return false;
    w->n = cvk_le32(b + 4 + FR_BYTES);
    w->curve = curves_with_order(b + 4, FR_BYTES);
    if (w->curve == NULL)
        return section_fail(w->file, HEADER, 4, err, "wtns.prime",
                            "the prime is not that of a supported curve: " CURVES_SUPPORTED);
    return w->n != 0 || section_fail(w->file, HEADER, 4 + FR_BYTES, err, "wtns.count",
                                     "no values: the first one is always there");
}

static bool check_value(const Wtns *w, const uint8_t *le, uint32_t i, CvkErr *err) {
    Fr v, one = fr_from_uint(w->curve, 1);
    if (!fr_from_le(w->curve, le, &v))
        return section_fail(w->file, VALUES, (uint64_t)i * FR_BYTES, err, "wtns.value",
                            "value %" PRIu32 " is not below the prime", i);
    return i != 0 || fr_equal(&v, &one) ||
           section_fail(w->file, VALUES, 0, err, "wtns.one", "the first value is not one");
}

static bool read_values(Wtns *w, CvkErr *err) {
    uint8_t b[VALUES_AT_A_TIME * FR_BYTES];
    if (!section_need(w->file, VALUES, (uint64_t)w->n * FR_BYTES, &w->values, err))
        return false;
    for (uint32_t i = 0, n; i < w->n; i += n) {
        n = w->n - i < VALUES_AT_A_TIME ? w->n - i : VALUES_AT_A_TIME;
        if (!cvk_source_read(&w->values, (uint64_t)i * FR_BYTES, b, (size_t)n * FR_BYTES, err))
            return false;
        for (uint32_t j = 0; j < n; j++)
            if (!check_value(w, b + (size_t)j * FR_BYTES, i + j, err))
                return false;
    }
    return true;
}

/* Takes the file over in every case. */
static bool open_file(SectionFile *file, Wtns **ret, CvkErr *err) {
    Wtns *w = cvk_alloc(1, sizeof *w, err);
    if (w == NULL) {
        section_file_close(file);
        return false;
    }
    w->file = file;
    if (!read_header(w, err) || !read_values(w, err)) {
        wtns_close(w);
        return false;
    }
    *ret = w;
    return true;
}

bool wtns_open(const char *path, Wtns **ret, CvkErr *err) {
    SectionFile *file;
    return section_file_open(path, &wtns_kind, &file, err) && open_file(file, ret, err);
}

bool wtns_memory(const void *data, size_t n, const char *name, Wtns **ret, CvkErr *err) {
    SectionFile *file;
    return section_file_memory(data, n, name, &wtns_kind, &file, err) && open_file(file, ret, err);
}

Wtns *wtns_close(Wtns *w) {
    if (w != NULL)
        section_file_close(w->file);
    free(w);
    return NULL;
}

const Curve *wtns_curve(const Wtns *w) {
    return w->curve;
}

uint32_t wtns_n(const Wtns *w) {
    return w->n;
}

CvkSource wtns_values(const Wtns *w) {
    return w->values;
}
