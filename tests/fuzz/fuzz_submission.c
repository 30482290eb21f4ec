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
    assert(s->extra == NULL || strlen(s->extra) <= LIMIT_MARKET_EXTRA);
    if (b->text->wrong_field == NULL) {
        assert(s->proving_ms > 0 && s->cost >= 0 && s->price >= 0);
        assert(s->cost_text[0] != '\0' && s->price_text[0] != '\0' && s->deployment[0] != '\0');
    }
}

/* Of a proof that is no base64, more or less was decoded before that was seen. */
static void same(const Body *a, const Body *b) {
    const SubmissionText *x = a->text, *y = b->text;
    assert(memcmp(x->submission.body_sha256, y->submission.body_sha256, 32) == 0);
    assert(x->has_request == y->has_request && x->has_proof == y->has_proof);
    assert(x->submission.request == y->submission.request);
    assert((x->wrong_field == NULL) == (y->wrong_field == NULL));
    assert(x->wrong_field == NULL || strcmp(x->wrong_field, y->wrong_field) == 0);
    if (x->has_proof)
        assert(a->proof.n == b->proof.n && memcmp(a->proof.data, b->proof.data, a->proof.n) == 0);
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
        same(&pieces, &whole);
    }
    body_done(&pieces);
    body_done(&whole);
}
