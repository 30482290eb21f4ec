#include "format/ptau.h"
#include "format/ptau_contribution.h"
#include "fuzz/fuzz.h"

/* What was read is written back as it was, but for what the hash state's buffer had left over and
 * the high half of its counter. */
static void assert_written_back(const Ptau *p) {
    size_t n;
    const Phase1State *s = ptau_state(p);
    const Phase1Contribution *list = ptau_contributions(p, &n);
    CvkSource section;
    bool found = section_find(ptau_file(p), PTAU_CONTRIBUTIONS, &section);
    assert(found);
    uint64_t at = 4;
    for (size_t i = 0; i < n; i++) {
        CvkBuf written = CVK_BUF((size_t)1 << 16);
        CvkSink to = cvk_sink_buf(&written);
        bool ok = ptau_contribution_write(&list[i], &to, NULL);
        assert(ok && written.n >= ptau_contribution_bytes(s->curve));
        uint8_t *original = malloc(written.n);
        assert(original != NULL);
        ok = cvk_source_read(&section, at, original, written.n, NULL);
        assert(ok);
        size_t state = (size_t)ptau_contribution_bytes(s->curve) - 8 - BLAKE2B_BYTES - 216;
        memset(original + state + list[i].partial.pos, 0, BLAKE2B_BLOCK - list[i].partial.pos);
        memcpy(original + state + 196, written.data + state + 196, 4);
        assert(memcmp(original, written.data, written.n) == 0);
        at += written.n;
        free(original);
        cvk_buf_done(&written);
    }
    assert(at == section.n);
}

static void assert_vectors_fit(const Ptau *p) {
    const Phase1State *s = ptau_state(p);
    assert(s->power >= PHASE1_POWER_MIN && s->power <= s->ceremony_power &&
           s->ceremony_power <= PHASE1_POWER_MAX);
    for (Phase1Vector v = 0; v < PHASE1_VECTORS; v++)
        assert(s->v[v].n == phase1_vector_n(v, s->power) &&
               s->v[v].bytes.n == s->v[v].n * form_bytes(s->v[v].group, FORM_MONTGOMERY));
    for (Phase1Vector v = 0; v < PHASE1_BETA_G2; v++)
        for (unsigned level = 0; level <= s->power + 2; level++) {
            Vector l;
            unsigned top = s->power;
            if (v == PHASE1_TAU_G1 && ptau_prepared(p) == PTAU_PREPARED)
                top++;
            bool is = ptau_lagrange(p, v, level, &l, NULL);
            assert(is == (ptau_prepared(p) != PTAU_UNPREPARED && level <= top));
            assert(!is || (l.n == (uint64_t)1 << level &&
                           l.bytes.n == l.n * form_bytes(l.group, FORM_MONTGOMERY)));
        }
}

void fuzz_one(const uint8_t *data, size_t n) {
    Ptau *p = NULL;
    CvkErr err = {0};
    bool ok = ptau_memory(data, n, "input", &p, &err);
    assert(ok == (p != NULL) && ok == (err.id == NULL));
    if (!ok)
        return;
    assert_vectors_fit(p);
    assert_written_back(p);
    ptau_close(p);
}
