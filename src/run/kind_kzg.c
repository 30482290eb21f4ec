/* The KZG kind: how a ceremony's responses, challenges and results are those of setup/kzg and
 * format/kzg. */
#include "run/kind_kzg.h"
#include "base/alloc.h"
#include "base/file.h"
#include "base/hex.h"
#include "base/rng.h"
#include "format/doc.h"
#include "format/kzg_errors.h"
#include "format/kzg_form.h"
#include "format/receipt.h"
#include "format/trusted_setup.h"
#include "setup/kzg_lagrange.h"
#include "setup/kzg_record.h"
#include "setup/kzg_sign.h"
#include "setup/kzg_verify.h"

#include <assert.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The results are files named by their number of G1 powers. */
static bool are_distinct(const KzgSizes *sizes, CvkErr *err) {
    for (size_t i = 0; i < sizes->n; i++)
        for (size_t k = 0; k < i; k++)
            if (sizes->at[i].n_g1 == sizes->at[k].n_g1)
                return cvk_fail(err, CVK_EBADREQ, "kzg.sizes",
                                "two sub-setups have %" PRIu32 " G1 powers", sizes->at[i].n_g1);
    return true;
}

static bool kzg_make(const char *sizes, void **ret_self, CvkErr *err) {
    KzgSizes parsed;
    if (!kzg_sizes_parse(sizes, &parsed, err) || !are_distinct(&parsed, err))
        return false;
    Kzg *k = cvk_alloc(1, sizeof *k, err);
    if (k == NULL)
        return false;
    pthread_mutex_init(&k->lock, NULL);
    kzg_base_initial(&parsed, &k->base);
    *ret_self = k;
    return true;
}

static void kzg_free(void *self) {
    Kzg *k = self;
    pthread_mutex_destroy(&k->lock);
    free(k);
}

/* ---- records ---- */

bool kind_kzg_record_check(const Kzg *k, size_t n, CvkErr *err) {
    if (n != kzg_record_size(k->base.sizes.n))
        return cvk_fail(err, CVK_EBACKEND, "record.size", "a contribution's record has %zu bytes",
                        n);
    return true;
}

static bool kzg_adopt(void *self, const uint8_t *record, size_t n, CvkErr *err) {
    Kzg *k = self;
    if (!kind_kzg_record_check(k, n, err))
        return false;
    pthread_mutex_lock(&k->lock);
    for (size_t i = 0; i < k->base.sizes.n; i++)
        memcpy(k->base.product[i], kzg_record_product(record, i), KZG_G1_BYTES);
    pthread_mutex_unlock(&k->lock);
    return true;
}

/* ---- responses ---- */

static void kzg_response_free(void *response) {
    kzg_wire_free(response);
}

/* A descriptor's contents from its start, for a reader; the descriptor stays the caller's. */
static FILE *open_again(int fd, CvkErr *err) {
    int copy = dup(fd);
    FILE *f = copy >= 0 && lseek(copy, 0, SEEK_SET) == 0 ? fdopen(copy, "rb") : NULL;
    if (f == NULL) {
        cvk_fail_errno(err, "response.open", "cannot read a response");
        if (copy >= 0)
            close(copy);
    }
    return f;
}

static bool read_response(int fd, KzgWire **ret, CvkErr *err) {
    FILE *f = open_again(fd, err);
    if (f == NULL)
        return false;
    bool ok = kzg_form_read(json_from_file(f), cvk_file_room(f, LIMIT_BODY), ret, err);
    fclose(f);
    return ok;
}

/* Of what is malformed. A document that is too long was refused on its way. */
static SubmitResult result_of(DocFault fault) {
    if (fault == DOC_WRONG_SHAPE)
        return SUBMIT_WRONG_SHAPE;
    return fault == DOC_NOT_BINARY ? SUBMIT_NOT_BINARY : SUBMIT_NOT_JSON;
}

static bool kzg_parse(void *self, int fd, void **ret_response, Submit *ret, CvkErr *err) {
    (void)self;
    KzgWire *w = NULL;
    CvkErr why = {.code = CVK_OK};
    *ret_response = NULL;
    if (read_response(fd, &w, &why)) {
        *ret_response = w;
        return true;
    }
    char text[KZG_TEXT + CVK_ERR_MSG_MAX];
    if (kzg_document_status(&why, text) == 0) {
        *err = why;
        return false;
    }
    ret->result = result_of(doc_fault(&why));
    snprintf(ret->text, sizeof ret->text, "%.*s", (int)sizeof ret->text - 1, text);
    return true;
}

typedef struct {
    bool (*seen)(void *ctx, const void *key, size_t n);
    void *ctx;
} Seen;

static bool pubkey_seen(void *ctx, const uint8_t pubkey[KZG_G2_BYTES]) {
    const Seen *s = ctx;
    return s->seen(s->ctx, pubkey, KZG_G2_BYTES);
}

/* The keys of the record that was just written. */
bool kind_kzg_add_keys(KindResult *r, size_t n, CvkErr *err) {
    r->n_keys = n;
    r->key_size = KZG_G2_BYTES;
    for (size_t i = 0; i < n; i++)
        if (!cvk_buf_add(&r->keys, kzg_record_pubkey((const uint8_t *)r->record.data, i),
                         KZG_G2_BYTES, err))
            return false;
    return true;
}

static bool kzg_keys(void *self, KindResult *r, CvkErr *err) {
    const Kzg *k = self;
    return kind_kzg_record_check(k, r->record.n, err) && kind_kzg_add_keys(r, k->base.sizes.n, err);
}

static bool kzg_judge(void *self, void *response, const char *identity,
                      bool (*seen)(void *ctx, const void *key, size_t n), void *seen_ctx,
                      CvkPool *pool, Submit *ret, KindResult *ret_result, CvkErr *err) {
    Kzg *k = self;
    KzgWire *w = response;
    Seen s = {.seen = seen, .ctx = seen_ctx};
    KzgReport report;
    uint8_t seed[CVK_SEED_BYTES];
    pthread_mutex_lock(&k->lock);
    KzgBase base = k->base;
    pthread_mutex_unlock(&k->lock);
    base.key_seen = pubkey_seen;
    base.ctx = &s;
    cvk_random(seed, sizeof seed); /* after the bytes arrived */
    if (!kzg_verify(&base, w, seed, pool, &report, err))
        return false;
    if (report.verdict != KZG_VALID) {
        ret->result = SUBMIT_REFUSED;
        snprintf(ret->code, sizeof ret->code, "%s", kzg_report_code(&report));
        kzg_report_text(&report, ret->text);
        return true;
    }
    kzg_signed_as(w, identity, ret->signed_as, sizeof ret->signed_as);
    kzg_prune_signatures(w, &base.sizes, identity, NULL, NULL);
    ret->result = SUBMIT_ACCEPTED;
    return kzg_record_of_response(w, &ret_result->record, err) &&
           kind_kzg_add_keys(ret_result, w->n, err);
}

static bool kzg_receipt(void *response, const char *identity,
                        void (*more)(JsonWriter *w, void *ctx), void *ctx, CvkBuf *ret,
                        CvkErr *err) {
    const KzgWire *w = response;
    KzgReceipt receipt = {.n = w->n};
    snprintf(receipt.identity, sizeof receipt.identity, "%s", identity);
    for (size_t i = 0; i < w->n; i++)
        memcpy(receipt.witness[i], w->subs[i].pubkey, KZG_G2_BYTES);
    return kzg_receipt_write(&receipt, more, ctx, ret, err);
}

static void kzg_signatures(void *self, const uint8_t *record, size_t n,
                           char ret[SUBMIT_SIGNATURES]) {
    static_assert(KZG_RECORD_SIGNATURES <= SUBMIT_SIGNATURES, "no room for the words");
    const Kzg *k = self;
    if (n == kzg_record_size(k->base.sizes.n)) /* else the row was damaged meanwhile */
        kzg_record_signatures(record, k->base.sizes.n, ret);
}

/* The state that a response left, or the initial one. */
KzgWire *kind_kzg_state(const Kzg *k, int fd, CvkErr *err) {
    KzgWire *w = NULL;
    if (fd < 0)
        return kzg_wire_initial(&k->base.sizes, err);
    return read_response(fd, &w, err) ? w : NULL;
}

/* ---- results ---- */

/* The txt form is what clients load for this size. */
#define TXT_SIZE 4096

static bool write_json(JsonSink sink, const TrustedSetupWire *t, CvkErr *err) {
    return trusted_setup_write_json(sink, t, 2, err);
}

static bool write_named(const char *dir, const char *name, const TrustedSetupWire *t,
                        bool (*write)(JsonSink sink, const TrustedSetupWire *t, CvkErr *err),
                        bool (*wrote)(void *ctx, const char *name, CvkErr *err), void *ctx,
                        CvkErr *err) {
    char path[LIMIT_PATH];
    CvkFileOut out;
    if (!cvk_path(path, dir, name, err) || !cvk_file_out_open(&out, path, 0644, err))
        return false;
    if (!write(json_to_file(out.f), t, err)) {
        cvk_file_out_abandon(&out);
        return false;
    }
    return cvk_file_out_commit(&out, err) && wrote(ctx, name, err);
}

typedef struct {
    CvkProgress to;
    size_t before, total;
} Share;

static void show_share(void *ctx, size_t done, size_t total) {
    Share *s = ctx;
    (void)total;
    if (s->to.fn != NULL)
        s->to.fn(s->to.ctx, s->before + done, s->total);
}

static bool write_result(const KzgPowersWire *wire, KzgSize size, const char *dir, CvkPool *pool,
                         CvkProgress progress,
                         bool (*wrote)(void *ctx, const char *name, CvkErr *err), void *ctx,
                         CvkErr *err) {
    KzgPowers *powers = NULL;
    TrustedSetupWire *t = NULL;
    KzgReport report;
    uint8_t seed[CVK_SEED_BYTES];
    char name[64];
    cvk_random(seed, sizeof seed);
    bool ok = kzg_powers_check(wire, size, seed, pool, &powers, &report, err);
    if (ok && report.verdict != KZG_VALID)
        ok =
            cvk_fail(err, CVK_EBACKEND, "result.invalid", "the stored final state does not verify");
    ok = ok && kzg_lagrange(powers, pool, progress, &t, err);
    snprintf(name, sizeof name, "trusted_setup_%" PRIu32 ".json", size.n_g1);
    ok = ok && write_named(dir, name, t, write_json, wrote, ctx, err);
    if (size.n_g1 == TXT_SIZE)
        ok = ok && write_named(dir, "trusted_setup_4096.txt", t, trusted_setup_write_text, wrote,
                               ctx, err);
    trusted_setup_wire_free(t);
    kzg_powers_free(powers);
    return ok;
}

/* What an inverse FFT of n points costs, in its own progress units. */
static size_t fft_steps(size_t n) {
    size_t logarithm = 0;
    while ((size_t)1 << logarithm < n)
        logarithm++;
    return n / 2 * logarithm;
}

static bool kzg_write_results(void *self, int fd, const char *out, CvkPool *pool,
                              CvkProgress progress,
                              bool (*wrote)(void *ctx, const char *name, CvkErr *err), void *ctx,
                              CvkErr *err) {
    const Kzg *k = self;
    KzgWire *state = kind_kzg_state(k, fd, err);
    Share share = {.to = progress};
    bool ok = state != NULL;
    for (size_t i = 0; ok && i < state->n; i++)
        share.total += fft_steps(state->subs[i].powers.n_g1);
    for (size_t i = 0; ok && i < state->n; i++) {
        ok = write_result(&state->subs[i].powers, k->base.sizes.at[i], out, pool,
                          (CvkProgress){.fn = show_share, .ctx = &share}, wrote, ctx, err);
        share.before += fft_steps(state->subs[i].powers.n_g1);
    }
    kzg_wire_free(state);
    return ok;
}

const Kind KIND_KZG = {
    .name = "kzg",
    .make = kzg_make,
    .free = kzg_free,
    .parse = kzg_parse,
    .response_free = kzg_response_free,
    .judge = kzg_judge,
    .receipt = kzg_receipt,
    .signatures = kzg_signatures,
    .adopt = kzg_adopt,
    .keys = kzg_keys,
    .write_challenge = kind_kzg_write_challenge,
    .write_challenge_binary = kind_kzg_write_challenge_binary,
    .write_transcript = kind_kzg_write_transcript,
    .read_transcript = kind_kzg_read_transcript,
    .write_results = kzg_write_results,
};
