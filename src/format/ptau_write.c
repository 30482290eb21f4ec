#include "base/le.h"
#include "base/limits.h"
#include "format/ptau.h"
#include "format/ptau_contribution.h"

bool ptau_writer_open(const char *path, const Phase1State *s, bool prepared, SectionWriter **ret,
                      CvkErr *err) {
    uint8_t header[4 + 48 + 8];
    size_t n = curve_base_bytes(s->curve);
    SectionWriter *w;
    CvkSink to;
    cvk_put_le32((uint32_t)n, header);
    curve_base_prime(s->curve, header + 4);
    cvk_put_le32(s->power, header + 4 + n);
    cvk_put_le32(s->ceremony_power, header + 8 + n);
    if (!section_writer_open(path, &ptau_kind, prepared ? PTAU_SECTIONS_PREPARED : PTAU_SECTIONS,
                             &w, err))
        return false;
    if (!section_writer_begin(w, PTAU_HEADER, &to, err) ||
        !cvk_sink_write(&to, header, 12 + n, err)) {
        section_writer_abandon(w);
        return false;
    }
    *ret = w;
    return true;
}

/* Everything of section 7 but its count. */
static bool copy_contributions(const Ptau *before, const CvkSink *to, CvkErr *err) {
    CvkSource all;
    if (!section_need(ptau_file(before), PTAU_CONTRIBUTIONS, ANY_SIZE, &all, err))
        return false;
    CvkSource list = cvk_source_part(&all, 4, all.n - 4);
    return cvk_source_copy(&list, to, err);
}

bool ptau_write_contributions(SectionWriter *w, const Ptau *before, const Phase1Contribution *added,
                              CvkErr *err) {
    size_t n = 0;
    uint8_t count[4];
    CvkSink to;
    if (before != NULL)
        ptau_contributions(before, &n);
    n += added != NULL ? 1 : 0;
    if (n > LIMIT_FILE_CONTRIBUTIONS)
        return cvk_fail(err, CVK_ELIMIT, "ptau.contributions",
                        "it has %zu contributions already, and no more can be", n - 1) ||
               cvk_fail_named(err, before != NULL ? section_file_name(ptau_file(before)) : NULL);
    cvk_put_le32((uint32_t)n, count);
    return section_writer_begin(w, PTAU_CONTRIBUTIONS, &to, err) &&
           cvk_sink_write(&to, count, sizeof count, err) &&
           (before == NULL || copy_contributions(before, &to, err)) &&
           (added == NULL || ptau_contribution_write(added, &to, err));
}
