/* What fuzz_challenge and fuzz_response share. */
#pragma once

#include "format/challenge.h"
#include "fuzz/fuzz.h"

#define FUZZ_POINTS_MAX 64 /* more take too long */

/* Every point that is read is written back in the same bytes, but for infinity, which no vector
 * here may hold. */
static inline void fuzz_vector(const Vector *v) {
    const Work work = {.memory = WORK_MEMORY_MIN, .seed = {1}};
    CvkBuf written = CVK_BUF((size_t)1 << 16);
    CvkSink to = cvk_sink_buf(&written);
    Verdict verdict = {.valid = true};
    bool ok = vector_write(v, v->reading.form, &work, 0, &to, &verdict, NULL);
    assert(ok);
    if (verdict.valid) {
        uint8_t *original = malloc((size_t)v->bytes.n);
        assert(original != NULL && written.n == v->bytes.n);
        ok = cvk_source_read(&v->bytes, 0, original, written.n, NULL);
        assert(ok && memcmp(original, written.data, written.n) == 0);
        free(original);
    }
    cvk_buf_done(&written);
}

static inline void fuzz_kind(const uint8_t *data, size_t n, ChallengeKind kind) {
    ChallengeFile *f = NULL;
    CvkErr err = {0};
    bool ok = challenge_memory(data, n, "input", kind, &f, &err);
    assert(ok == (f != NULL) && ok == (err.id == NULL));
    if (!ok)
        return;
    const Phase1State *s = challenge_state(f);
    assert(challenge_bytes(kind, s->curve, s->power) == n);
    assert(memcmp(challenge_hash(f), data, BLAKE2B_BYTES) == 0);
    for (Phase1Vector v = 0; v < PHASE1_VECTORS && phase1_points(s->power) <= FUZZ_POINTS_MAX; v++)
        fuzz_vector(&s->v[v]);
    if (kind == FILE_RESPONSE) {
        uint8_t pubkey[PHASE1_PUBKEY_BYTES_MAX];
        size_t pubkey_n = phase1_pubkey_write(challenge_pubkey(f), FORM_UNCOMPRESSED, pubkey);
        assert(memcmp(pubkey, data + n - pubkey_n, pubkey_n) == 0);
    }
    challenge_close(f);
}
