#include "cli/ptau_files.h"

#include "setup/phase1_new.h"

#include <string.h>

bool ptau_need_whole(const Ptau *p, CvkErr *err) {
    const Phase1State *s = ptau_state(p);
    const char *path = section_file_name(ptau_file(p));
    return s->power == s->ceremony_power ||
           cvk_fail(err, CVK_EBADREQ, "ptau.truncated",
                    "%s is truncated from power %u: nobody can contribute to it any more",
                    CVK_SHOWN(path), s->ceremony_power) ||
           cvk_fail_in(err, path);
}

const Phase1Contribution *ptau_last(const Ptau *p) {
    size_t n;
    const Phase1Contribution *list = ptau_contributions(p, &n);
    return n != 0 ? &list[n - 1] : NULL;
}

void ptau_challenge(const Ptau *p, Compute *c, uint8_t ret[BLAKE2B_BYTES]) {
    const Phase1Contribution *last = ptau_last(p);
    const Phase1State *s = ptau_state(p);
    if (last != NULL) {
        memcpy(ret, last->next_challenge, BLAKE2B_BYTES);
        return;
    }
    compute_begin(c, "hashing", phase1_first_challenge_units(s->curve, s->power));
    phase1_first_challenge(s->curve, s->power, c->work.meter, ret);
    compute_end(c);
}

static bool open_vector(void *ctx, Phase1Vector which, CvkSink *ret, CvkErr *err) {
    return section_writer_begin(ctx, ptau_vector_section(which), ret, err);
}

Phase1Output ptau_output(SectionWriter *w) {
    return (Phase1Output){.form = FORM_MONTGOMERY, .open = open_vector, .ctx = w};
}
