#include "sim/sim_kind.h"

#include "base/alloc.h"

#include <assert.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct {
    pthread_mutex_t lock; /* guards state */
    uint64_t state;
} Sim;

typedef struct {
    uint64_t extends, nonce;
    bool valid;
} Response;

#define INITIAL UINT64_C(0x5eed)
#define RECORD_BYTES 16 /* the state after it; its nonce */

/* ---- what both sides know ---- */

uint64_t sim_kind_next(uint64_t state, uint64_t nonce) {
    uint64_t z = (state ^ nonce) + UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 31) * UINT64_C(0xbf58476d1ce4e5b9);
    return z ^ z >> 29;
}

size_t sim_kind_respond(uint64_t state, uint64_t nonce, SimResponse what,
                        char ret[SIM_RESPONSE_MAX]) {
    int n = 0;
    switch (what) {
    case SIM_VALID:
    case SIM_INVALID:
        n = snprintf(ret, SIM_RESPONSE_MAX, "%016" PRIx64 " %016" PRIx64 " %s\n", state, nonce,
                     what == SIM_VALID ? "valid" : "invalid");
        break;
    case SIM_NOT_JSON:
        n = snprintf(ret, SIM_RESPONSE_MAX, "\x01 %016" PRIx64, nonce);
        break;
    case SIM_WRONG_SHAPE:
        n = snprintf(ret, SIM_RESPONSE_MAX, "%016" PRIx64 " nothing\n", nonce);
        break;
    }
    return (size_t)n;
}

bool sim_kind_challenge(const char *bytes, size_t n, uint64_t *ret_state) {
    char line[32], end;
    static_assert(sizeof line > sizeof "state 0123456789abcdef", "a line has room");
    if (n != sizeof "state 0123456789abcdef") /* its newline is as long as the zero byte */
        return false;
    memcpy(line, bytes, n);
    line[n] = '\0';
    return sscanf(line, "state %16" SCNx64 "%c", ret_state, &end) == 2 && end == '\n';
}

/* ---- the kind ---- */

static bool sim_make(const char *sizes, void **ret_self, CvkErr *err) {
    (void)sizes;
    Sim *k = cvk_alloc(1, sizeof *k, err);
    if (k == NULL)
        return false;
    pthread_mutex_init(&k->lock, NULL);
    k->state = INITIAL;
    *ret_self = k;
    return true;
}

static void sim_free(void *self) {
    Sim *k = self;
    pthread_mutex_destroy(&k->lock);
    free(k);
}

static uint64_t state_of(Sim *k) {
    pthread_mutex_lock(&k->lock);
    uint64_t state = k->state;
    pthread_mutex_unlock(&k->lock);
    return state;
}

static bool malformed(Submit *ret, SubmitResult result, const char *why) {
    ret->result = result;
    snprintf(ret->text, sizeof ret->text, "%s", why);
    return true;
}

static bool sim_parse(void *self, int fd, void **ret_response, Submit *ret, CvkErr *err) {
    (void)self;
    char text[SIM_RESPONSE_MAX + 1], word[8], end;
    Response r;
    *ret_response = NULL;
    ssize_t n = pread(fd, text, SIM_RESPONSE_MAX, 0);
    if (n < 0)
        return cvk_fail_errno(err, "sim.read", "cannot read a response");
    text[n] = '\0';
    if (n == 0 || text[0] < ' ')
        return malformed(ret, SUBMIT_NOT_JSON, "not a text");
    if (sscanf(text, "%16" SCNx64 " %16" SCNx64 " %7s%c", &r.extends, &r.nonce, word, &end) != 4 ||
        end != '\n' || (strcmp(word, "valid") != 0 && strcmp(word, "invalid") != 0))
        return malformed(ret, SUBMIT_WRONG_SHAPE, "not a response");
    r.valid = strcmp(word, "valid") == 0;
    Response *copy = cvk_alloc(1, sizeof *copy, err);
    if (copy == NULL)
        return false;
    *copy = r;
    *ret_response = copy;
    return true;
}

static bool refused(Submit *ret, const char *code) {
    ret->result = SUBMIT_REFUSED;
    snprintf(ret->code, sizeof ret->code, "%s", code);
    snprintf(ret->text, sizeof ret->text, "the response was refused");
    return true;
}

static bool sim_judge(void *self, void *response, const char *identity,
                      bool (*seen)(void *ctx, const void *key, size_t n), void *seen_ctx,
                      CvkPool *pool, Submit *ret, KindResult *ret_result, CvkErr *err) {
    (void)identity;
    (void)pool;
    const Response *r = response;
    if (r->extends != state_of(self))
        return refused(ret, "Sim::WrongState");
    if (!r->valid)
        return refused(ret, "Sim::Invalid");
    if (seen(seen_ctx, &r->nonce, sizeof r->nonce))
        return refused(ret, "Sim::KeySeen");
    uint64_t record[2] = {sim_kind_next(r->extends, r->nonce), r->nonce};
    static_assert(sizeof record == RECORD_BYTES, "a record is two numbers");
    ret->result = SUBMIT_ACCEPTED;
    ret_result->n_keys = 1;
    ret_result->key_size = sizeof r->nonce;
    return cvk_buf_add(&ret_result->record, record, sizeof record, err) &&
           cvk_buf_add(&ret_result->keys, &r->nonce, sizeof r->nonce, err);
}

static bool sim_receipt(void *response, const char *identity,
                        void (*more)(JsonWriter *w, void *ctx), void *ctx, CvkBuf *ret,
                        CvkErr *err) {
    const Response *r = response;
    JsonWriter w = JSON_WRITER(json_to_buf(ret), 0);
    json_object_begin(&w);
    json_put_key(&w, "identity");
    json_put_str(&w, identity);
    json_put_key(&w, "nonce");
    json_put_uint(&w, r->nonce);
    more(&w, ctx);
    json_object_end(&w);
    return json_finish(&w, err);
}

static bool sim_adopt(void *self, const uint8_t *record, size_t n, CvkErr *err) {
    Sim *k = self;
    uint64_t state;
    if (n != RECORD_BYTES)
        return cvk_fail(err, CVK_EBACKEND, "sim.record", "a record of %zu bytes", n);
    memcpy(&state, record, sizeof state);
    pthread_mutex_lock(&k->lock);
    k->state = state;
    pthread_mutex_unlock(&k->lock);
    return true;
}

static bool sim_keys(void *self, KindResult *r, CvkErr *err) {
    (void)self;
    if (r->record.n != RECORD_BYTES)
        return cvk_fail(err, CVK_EBACKEND, "sim.record", "a record of %zu bytes", r->record.n);
    r->n_keys = 1;
    r->key_size = sizeof(uint64_t);
    return cvk_buf_add(&r->keys, r->record.data + sizeof(uint64_t), sizeof(uint64_t), err);
}

/* From the newest response itself, as kzg does: the record must agree with it. */
static bool sim_write_challenge(void *self, int fd, FILE *out, CvkErr *err) {
    Submit ignored;
    void *response = NULL;
    uint64_t state = INITIAL;
    if (fd >= 0 && !sim_parse(self, fd, &response, &ignored, err))
        return false;
    if (fd >= 0 && response == NULL)
        return cvk_fail(err, CVK_EBACKEND, "sim.damaged", "the newest response is damaged");
    if (response != NULL) {
        const Response *r = response;
        state = sim_kind_next(r->extends, r->nonce);
    }
    free(response);
    return fprintf(out, "state %016" PRIx64 "\n", state) > 0 ||
           cvk_fail_errno(err, "sim.write", "cannot write a challenge");
}

typedef struct {
    FILE *out;
    uint64_t upto;
} Transcript;

static bool put_record(void *ctx, const StoreContribution *k, CvkErr *err) {
    const Transcript *t = ctx;
    uint64_t state;
    memcpy(&state, k->record, sizeof state);
    return k->index > t->upto ||
           fprintf(t->out, "%" PRIu64 " %s %016" PRIx64 "\n", k->index, k->identity, state) > 0 ||
           cvk_fail_errno(err, "sim.write", "cannot write a transcript");
}

static bool sim_write_transcript(void *self, int fd, History history, TranscriptPart part,
                                 FILE *out, CvkErr *err) {
    (void)self;
    (void)fd;
    (void)part; /* always the whole */
    Transcript t = {.out = out, .upto = history.upto};
    return history.each(history.ctx, 1, put_record, &t, err);
}

static bool sim_read_transcript(void *self, FILE *in,
                                bool (*take)(void *ctx, uint64_t index, const char *identity,
                                             const KindResult *r, CvkErr *err),
                                void *ctx, CvkErr *err) {
    (void)self;
    (void)in;
    (void)take;
    (void)ctx;
    return cvk_fail(err, CVK_EBADREQ, "sim.transcript", "simulated ceremonies are not handed over");
}

static bool sim_write_results(void *self, int fd, const char *out, CvkPool *pool,
                              CvkProgress progress,
                              bool (*wrote)(void *ctx, const char *name, CvkErr *err), void *ctx,
                              CvkErr *err) {
    (void)self;
    (void)fd;
    (void)out;
    (void)pool;
    (void)progress;
    (void)wrote;
    (void)ctx;
    (void)err;
    return true; /* it has no results */
}

const Kind KIND_SIM = {
    .name = "sim",
    .make = sim_make,
    .free = sim_free,
    .parse = sim_parse,
    .response_free = free,
    .judge = sim_judge,
    .receipt = sim_receipt,
    .adopt = sim_adopt,
    .keys = sim_keys,
    .write_challenge = sim_write_challenge,
    .write_transcript = sim_write_transcript,
    .read_transcript = sim_read_transcript,
    .write_results = sim_write_results,
};
