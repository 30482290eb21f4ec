#include "api/submission.h"
#include "base/buf.h"
#include "fuzz/fuzz.h"

/* The first byte says in what pieces the rest arrives. What is said of a body keeps its limits, and
 * a body in one piece says the same. */
typedef struct {
    SubmissionReader *reader;
    const SubmissionText *text;
    CvkBuf proof;
} Body;

static void read_body(Body *b, const uint8_t *data, size_t n, size_t piece) {
    CvkErr err;
    *b = (Body){.proof = CVK_BUF(n + 1)};
    b->reader = submission_reader_new(cvk_sink_buf(&b->proof), &err);
    assert(b->reader != NULL);
    bool ok = true;
    for (size_t at = 0; at < n && ok; at += piece)
        ok = submission_reader_add(b->reader, data + at, n - at < piece ? n - at : piece, &err);
    if (!ok || !submission_reader_end(b->reader, &b->text, &err)) {
        assert(err.code == CVK_EBADREQ || err.code == CVK_ELIMIT);
        b->text = NULL;
    }
}

static void body_done(Body *b) {
    submission_reader_free(b->reader);
    cvk_buf_done(&b->proof);
}

static void check(const Body *b) {
    const Submission *s = &b->text->submission;
    assert(!b->text->has_request || (s->request != 0 && s->request < UINT64_C(1) << 53));
    assert(s->proof_n == b->proof.n);
    assert(!b->text->has_proof || s->proof_n != 0);
    assert(s->extra == NULL || strlen(s->extra) <= MARKET_EXTRA_MAX);
    if (b->text->wrong_field == NULL) {
        assert(s->proving_ms > 0 && s->cost >= 0 && s->price >= 0);
        assert(s->cost_text[0] != '\0' && s->price_text[0] != '\0' && s->deployment[0] != '\0');
    }
}

void fuzz_one(const uint8_t *data, size_t n) {
    if (n == 0)
        return;
    Body pieces, whole;
    read_body(&pieces, data + 1, n - 1, data[0] + (size_t)1);
    read_body(&whole, data + 1, n - 1, n);
    assert((pieces.text == NULL) == (whole.text == NULL));
    if (whole.text != NULL) {
        check(&whole);
        check(&pieces);
        assert(pieces.proof.n == whole.proof.n);
        assert(memcmp(pieces.text->submission.body_sha256, whole.text->submission.body_sha256,
                      32) == 0);
    }
    body_done(&pieces);
    body_done(&whole);
}
