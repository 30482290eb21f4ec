/* The digests of rows: SHA-256 over the row's kind and its fields, each with its length. */
#include "base/sha256.h"
#include "store/market.h"

#include <string.h>

/* A digest that needs no memory of its own: h <- sha256(h || length || field). */
typedef struct {
    uint8_t h[SHA256_BYTES];
} Digest;

#define STEP_MAX 128

static void add(Digest *d, const void *data, size_t n) {
    uint8_t step[SHA256_BYTES + 8 + STEP_MAX];
    uint8_t hash[SHA256_BYTES];
    size_t at = sizeof d->h;
    memcpy(step, d->h, sizeof d->h);
    for (unsigned i = 0; i < 8; i++)
        step[at++] = (uint8_t)((uint64_t)n >> 8 * i);
    if (n > STEP_MAX) { /* long fields by their hash: the length tells */
        cvk_sha256(data, n, hash);
        data = hash;
        n = sizeof hash;
    }
    memcpy(step + at, data, n);
    cvk_sha256(step, at + n, d->h);
}

static void add_number(Digest *d, int64_t v) {
    uint8_t bytes[8];
    for (unsigned i = 0; i < 8; i++)
        bytes[i] = (uint8_t)((uint64_t)v >> 8 * i);
    add(d, bytes, sizeof bytes);
}

static void add_text(Digest *d, const char *text) {
    add(d, text, strlen(text));
}

static Digest begin(const char *kind) {
    Digest d = {{0}};
    add_text(&d, kind);
    return d;
}

void store_participant_digest(const StoreParticipant *p, uint8_t ret[32]) {
    Digest d = begin("participant");
    add_number(&d, p->id);
    add(&d, p->secret, sizeof p->secret);
    add(&d, p->token, sizeof p->token);
    add_number(&d, p->group);
    add_text(&d, p->label);
    add_text(&d, p->note);
    add_number(&d, p->created_ms);
    if (p->contact[0] != '\0') /* older rows have none, and their digest stays */
        add_text(&d, p->contact);
    memcpy(ret, d.h, sizeof d.h);
}

void store_batch_digest(const StoreBatch *b, uint8_t ret[32]) {
    Digest d = begin("batch");
    add_number(&d, b->id);
    add_number(&d, b->block);
    add_text(&d, b->name);
    add(&d, b->sha256, sizeof b->sha256);
    add_number(&d, (int64_t)b->size);
    add_text(&d, b->verifier);
    add_text(&d, b->params);
    add_text(&d, b->expect);
    add_text(&d, b->covariates);
    add_number(&d, b->created_ms);
    memcpy(ret, d.h, sizeof d.h);
}

void store_request_digest(const StoreRequest *r, uint8_t ret[32]) {
    Digest d = begin("request");
    add_number(&d, (int64_t)r->id);
    add_number(&d, r->participant);
    add_number(&d, r->batch);
    add_number(&d, r->seq);
    add(&d, r->token, sizeof r->token);
    add_number(&d, r->issued_ms);
    memcpy(ret, d.h, sizeof d.h);
}

void store_submission_digest(const StoreSubmission *x, uint8_t ret[32]) {
    Digest d = begin("submission");
    add_number(&d, (int64_t)x->request);
    add(&d, x->proof, sizeof x->proof);
    add_number(&d, (int64_t)x->proof_n);
    add(&d, x->canonical, sizeof x->canonical);
    add_number(&d, x->proving_ms);
    add_number(&d, x->cost);
    add_number(&d, x->price);
    add_text(&d, x->cost_text);
    add_text(&d, x->price_text);
    add_text(&d, x->deployment);
    add_number(&d, x->deployment_is_text);
    add_text(&d, x->acceleration);
    add_text(&d, x->extra);
    add_number(&d, x->received_ms);
    add_number(&d, x->verify_us);
    add_text(&d, x->verifier);
    add_number(&d, x->flags);
    add_number(&d, x->attempts);
    memcpy(ret, d.h, sizeof d.h);
}

void store_attempt_digest(const StoreAttempt *a, uint8_t ret[32]) {
    Digest d = begin("attempt");
    add_number(&d, (int64_t)a->id);
    add_number(&d, (int64_t)a->request);
    add_number(&d, a->participant);
    add_number(&d, a->received_ms);
    add_text(&d, a->verdict);
    add(&d, a->proof, sizeof a->proof);
    add_number(&d, (int64_t)a->proof_n);
    add_number(&d, a->verify_us);
    add_text(&d, a->why);
    memcpy(ret, d.h, sizeof d.h);
}

void store_deployment_digest(const StoreDeployment *x, uint8_t ret[32]) {
    Digest d = begin("deployment");
    add_number(&d, x->participant);
    add_text(&d, x->deployment);
    add_text(&d, x->description);
    add_text(&d, x->hardware);
    add_number(&d, x->rate);
    add_number(&d, x->power_w);
    add_number(&d, x->changed_ms);
    memcpy(ret, d.h, sizeof d.h);
}

void store_public_digest(const StorePublicFile *f, uint8_t ret[32]) {
    Digest d = begin("public");
    add_text(&d, f->name);
    add(&d, f->sha256, sizeof f->sha256);
    add_number(&d, (int64_t)f->size);
    memcpy(ret, d.h, sizeof d.h);
}
