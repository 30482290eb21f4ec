/* The documents of a KZG ceremony: what goes out of its state and its records, and what comes back
 * from a transcript. */
#include "base/alloc.h"
#include "format/kzg_form.h"
#include "run/kind_kzg.h"
#include "setup/kzg_record.h"

#include <inttypes.h>
#include <string.h>

bool kind_kzg_write_challenge(void *self, int fd, FILE *out, CvkErr *err) {
    KzgWire *w = kind_kzg_state(self, fd, err);
    bool ok = w != NULL && kzg_challenge_write(json_to_file(out), w, 0, err);
    kzg_wire_free(w);
    return ok;
}

bool kind_kzg_write_challenge_binary(void *self, int fd, FILE *out, CvkErr *err) {
    KzgWire *w = kind_kzg_state(self, fd, err);
    bool ok = w != NULL && kzg_binary_challenge_write(json_to_file(out), w, err);
    kzg_wire_free(w);
    return ok;
}

/* A transcript being filled from the records, entry by entry: `from` is the first in its lists. */
typedef struct {
    const Kzg *k;
    KzgTranscriptWire *t;
    uint64_t from, upto;
} Filling;

static bool fill_entry(void *ctx, const StoreContribution *c, CvkErr *err) {
    Filling *f = ctx;
    if (c->index > f->upto)
        return true; /* came later */
    if (!kind_kzg_record_check(f->k, c->record_n, err))
        return false;
    size_t i = (size_t)(c->index - f->from);
    f->t->ids[i] = cvk_strdup(c->identity, err);
    if (f->t->ids[i] == NULL)
        return false;
    kzg_record_to_entry(c->record, f->t, i);
    return true;
}

static bool alloc_lists(KzgTranscriptWire *t, size_t entries, CvkErr *err) {
    size_t cap = LIMIT_CONTRIBUTIONS + 1;
    t->ids = cvk_try_alloc(entries, sizeof *t->ids, cap, err);
    if (t->ids == NULL)
        return false;
    t->n_ids = entries;
    t->ecdsa = cvk_try_alloc(entries, sizeof *t->ecdsa, cap, err);
    t->n_ecdsa = entries;
    for (size_t i = 0; i < t->n; i++) {
        KzgWitnessWire *w = &t->subs[i].witness;
        w->products = cvk_try_alloc(entries, sizeof *w->products, cap, err);
        w->pubkeys = cvk_try_alloc(entries, sizeof *w->pubkeys, cap, err);
        w->bls = cvk_try_alloc(entries, sizeof *w->bls, cap, err);
        w->n_products = w->n_pubkeys = w->n_bls = entries;
        if (w->products == NULL || w->pubkeys == NULL || w->bls == NULL)
            return false;
    }
    return t->ecdsa != NULL;
}

/* Entry 0: nobody's. */
static bool fill_start(KzgTranscriptWire *t, CvkErr *err) {
    for (size_t i = 0; i < t->n; i++) {
        memcpy(t->subs[i].witness.products[0], KZG_G1_GENERATOR, KZG_G1_BYTES);
        memcpy(t->subs[i].witness.pubkeys[0], KZG_G2_GENERATOR, KZG_G2_BYTES);
    }
    t->ids[0] = cvk_strdup("", err);
    return t->ids[0] != NULL;
}

static bool fill_lists(const Kzg *k, KzgTranscriptWire *t, uint64_t from, History history,
                       CvkErr *err) {
    Filling f = {.k = k, .t = t, .from = from, .upto = history.upto};
    uint64_t entries = from <= history.upto ? history.upto - from + 1 : 0;
    if (!alloc_lists(t, (size_t)entries, err) || (from == 0 && !fill_start(t, err)) ||
        (entries != 0 && !history.each(history.ctx, from != 0 ? from : 1, fill_entry, &f, err)))
        return false;
    for (size_t i = 0; i < t->n_ids; i++)
        if (t->ids[i] == NULL)
            return cvk_fail(err, CVK_EBACKEND, "record.missing",
                            "contribution %" PRIu64 " is not in the store", from + i);
    return true;
}

/* The powers change hands. */
static bool take_powers(const Kzg *k, KzgTranscriptWire *t, int fd, CvkErr *err) {
    KzgWire *state = kind_kzg_state(k, fd, err);
    bool ok = state != NULL &&
              (state->n == t->n || cvk_fail(err, CVK_EBACKEND, "response.damaged",
                                            "the newest response has %zu sub-setups", state->n));
    for (size_t i = 0; ok && i < t->n; i++) {
        t->subs[i].powers = state->subs[i].powers;
        state->subs[i].powers = (KzgPowersWire){0};
    }
    kzg_wire_free(state);
    return ok;
}

bool kind_kzg_write_transcript(void *self, int fd, History history, TranscriptPart part, FILE *out,
                               CvkErr *err) {
    const Kzg *k = self;
    KzgTranscriptWire *t = kzg_transcript_wire_new(k->base.sizes.n, err);
    bool ok = t != NULL && (part.bare || take_powers(k, t, fd, err)) &&
              fill_lists(k, t, part.from, history, err) &&
              kzg_transcript_write(json_to_file(out), t, 2, err);
    kzg_transcript_wire_free(t);
    return ok;
}

typedef struct {
    bool (*take)(void *ctx, uint64_t index, const char *identity, const KindResult *r, CvkErr *err);
    void *ctx;
} Taker;

static bool take_entry(const KzgTranscriptWire *t, size_t i, const Taker *taker, CvkErr *err) {
    KindResult r;
    kind_result_init(&r);
    bool ok = kzg_record_of_entry(t, i, &r.record, err) && kind_kzg_add_keys(&r, t->n, err) &&
              taker->take(taker->ctx, i, t->ids[i], &r, err);
    kind_result_done(&r);
    return ok;
}

bool kind_kzg_read_transcript(void *self, FILE *in,
                              bool (*take)(void *ctx, uint64_t index, const char *identity,
                                           const KindResult *r, CvkErr *err),
                              void *ctx, CvkErr *err) {
    const Kzg *k = self;
    const Taker taker = {take, ctx};
    KzgTranscriptWire *t;
    if (!kzg_transcript_read(json_from_file(in), LIMIT_TRANSCRIPT, &t, err))
        return false;
    bool ok = t->n == k->base.sizes.n ||
              cvk_fail(err, CVK_EBADREQ, "transcript.sizes", "the transcript has other sub-setups");
    for (size_t i = 1; ok && i < t->n_ids; i++)
        ok = take_entry(t, i, &taker, err);
    kzg_transcript_wire_free(t);
    return ok;
}
