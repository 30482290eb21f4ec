/* What is declared of a proof: the prover's own words before the options, amounts exactly. */
#include "base/alloc.h"
#include "base/limits.h"
#include "cli/prove.h"
#include "cli/say.h"
#include "client/prover_says.h"
#include "codec/base64.h"
#include "codec/money.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define HOUR_MS 3600000

static bool parse_amount(const char *option, const char *text, int64_t *ret, CvkErr *err) {
    if (money_parse(text, strlen(text), ret))
        return true;
    return cvk_fail(err, CVK_EBADREQ, "usage.value", "--%s takes a number that is not negative",
                    option);
}

static bool check_amount(const char *option, const char *text, CvkErr *err) {
    int64_t amount;
    return text == NULL || parse_amount(option, text, &amount, err);
}

bool prove_terms_check(const ProveTerms *t, CvkErr *err) {
    int costs = (t->cost != NULL) + (t->cost_command != NULL) + (t->usd_per_hour != NULL);
    if (costs > 1)
        return cvk_fail(err, CVK_EBADREQ, "usage.value",
                        "give one of --cost, --cost-cmd and --usd-per-hour");
    if (t->price != NULL && t->margin != NULL)
        return cvk_fail(err, CVK_EBADREQ, "usage.value", "give --price or --margin, not both");
    if (strlen(t->deployment) < 1 || strlen(t->deployment) > LIMIT_DEPLOYMENT)
        return cvk_fail(err, CVK_EBADREQ, "usage.value", "--deployment takes 1 to %d characters",
                        LIMIT_DEPLOYMENT);
    if (t->acceleration != NULL && strlen(t->acceleration) > LIMIT_ACCELERATION)
        return cvk_fail(err, CVK_EBADREQ, "usage.value",
                        "--acceleration takes %d characters at most", LIMIT_ACCELERATION);
    return check_amount("cost", t->cost, err) && check_amount("price", t->price, err) &&
           check_amount("margin", t->margin, err) &&
           check_amount("usd-per-hour", t->usd_per_hour, err);
}

void prove_terms_say(const ProveTerms *t) {
    if (t->cost == NULL && t->cost_command == NULL && t->usd_per_hour == NULL)
        say_step("note: no --cost, --cost-cmd or --usd-per-hour: nothing is handed in unless the "
                 "prover says its cost in $PM_META");
    if (t->price == NULL && t->margin == NULL)
        say_step("note: no --price or --margin: nothing is handed in unless the prover says its "
                 "price in $PM_META");
}

/* ---- what the prover says of itself ---- */

static bool take_says(const Proving *p, ProverSays *s, JsonWriter *w, CvkErr *err) {
    _cleanup_buf_ CvkBuf text = CVK_BUF(LIMIT_PROVER_SAYS);
    if (!prove_has(p, "said.json"))
        return true;
    if (prove_load(p, "said.json", &text, err) &&
        prover_says_read(cvk_buf_str(&text), text.n, s, w, err))
        return true;
    char why[160];
    snprintf(why, sizeof why, "%.159s", err->msg);
    return cvk_fail(err, CVK_EBADREQ, "prover.says",
                    "what the prover wrote to $PM_META is not usable (mend or remove "
                    "%s/said.json; the proof is kept): %s",
                    CVK_SHOWN(p->dir), why);
}

/* ---- amounts ---- */

/* a * b / by, to the nearest. */
static bool share(int64_t a, int64_t b, int64_t by, int64_t *ret, CvkErr *err) {
    unsigned __int128 v = (unsigned __int128)a * (unsigned __int128)b;
    v = (v + (unsigned __int128)by / 2) / (unsigned __int128)by;
    if (v > (unsigned __int128)MONEY_MAX)
        return cvk_fail(err, CVK_ELIMIT, "money.big", "that is more money than can be counted");
    *ret = (int64_t)v;
    return true;
}

/* The first word that a command prints. */
static bool ask_command(const Proving *p, int64_t proving_ms, int64_t *ret, CvkErr *err) {
    char word[64] = "", ms_text[24], batch[LIMIT_PATH];
    int64_t took_ms;
    snprintf(ms_text, sizeof ms_text, "%" PRId64, proving_ms);
    setenv("PM_PROVING_MS", ms_text, 1); /* NOLINT(concurrency-mt-unsafe): the only thread */
    if (!cvk_path(batch, p->dir, "batch.bin", err))
        return false;
    FILE *file = prove_file(p, "cost.part", true, err);
    if (file == NULL)
        return false;
    bool ok = prove_run(p->terms.cost_command, p->by_address ? NULL : batch, file, &took_ms, err);
    rewind(file);
    size_t n = ok ? fread(word, 1, sizeof word - 1, file) : 0;
    fclose(file);
    if (!ok)
        return cvk_fail_prefix(err, "--cost-cmd");
    word[n] = '\0';
    return money_parse(word, strcspn(word, " \t\r\n"), ret) ||
           cvk_fail(err, CVK_EBADREQ, "prover.failed", "--cost-cmd printed no number of cents");
}

static bool find_cost(const Proving *p, const ProverSays *s, int64_t proving_ms, int64_t *ret,
                      CvkErr *err) {
    const ProveTerms *t = &p->terms;
    int64_t dollars; /* an hour, as micro-units: a hundredth of what it is in cents */
    if (s->has_cost)
        *ret = s->cost;
    else if (t->cost != NULL)
        return parse_amount("cost", t->cost, ret, err);
    else if (t->cost_command != NULL)
        return ask_command(p, proving_ms, ret, err);
    else if (t->usd_per_hour != NULL)
        return parse_amount("usd-per-hour", t->usd_per_hour, &dollars, err) &&
               share(dollars, proving_ms, HOUR_MS / 100, ret, err);
    else
        return cvk_fail(err, CVK_EBADREQ, "usage.cost",
                        "the proof is kept, but nobody says what it cost: --cost, --cost-cmd, "
                        "--usd-per-hour, or the prover itself");
    return true;
}

static bool find_price(const ProveTerms *t, const ProverSays *s, int64_t cost, int64_t *ret,
                       CvkErr *err) {
    int64_t percent; /* as micro-units */
    if (s->has_price)
        *ret = s->price;
    else if (t->price != NULL)
        return parse_amount("price", t->price, ret, err);
    else if (t->margin != NULL)
        return parse_amount("margin", t->margin, &percent, err) &&
               share(cost, 100 * CVK_CENT + percent, 100 * CVK_CENT, ret, err);
    else
        return cvk_fail(err, CVK_EBADREQ, "usage.price",
                        "the proof is kept, but nobody says for how much you would make it: "
                        "--price, --margin, or the prover itself");
    return true;
}

static bool measured_ms(const Proving *p, int64_t *ret, CvkErr *err) {
    _cleanup_buf_ CvkBuf text = CVK_BUF(64);
    if (!prove_load(p, "measured.json", &text, err))
        return false;
    *ret = strtoll(cvk_buf_str(&text), NULL, 10);
    return *ret >= 1 || cvk_fail(err, CVK_EBADREQ, "measured.shape", "%s/measured.json is damaged",
                                 CVK_SHOWN(p->dir));
}

/* ---- the submission ---- */

void prove_put_cents(JsonWriter *w, const char *key, int64_t micro_cents) {
    char text[MONEY_TEXT_MAX];
    money_text(micro_cents, text);
    json_put_key(w, key);
    json_put_number(w, text, strlen(text));
}

static void put_words(const ProveTerms *t, const ProverSays *s, JsonWriter *w) {
    json_put_key(w, "deployment_version");
    if (s->has_deployment && s->deployment_is_number)
        json_put_number(w, s->deployment, strlen(s->deployment));
    else
        json_put_str(w, s->has_deployment ? s->deployment : t->deployment);
    if (s->has_acceleration)
        json_field_str(w, "acceleration", s->acceleration);
    else if (t->acceleration != NULL)
        json_field_str(w, "acceleration", t->acceleration);
}

static bool put_proof(const Proving *p, JsonWriter *w, size_t *ret_n, CvkErr *err) {
    _cleanup_buf_ CvkBuf proof = CVK_BUF(LIMIT_OWN_PROOF);
    if (!prove_load(p, "proof.bin", &proof, err))
        return false;
    char *text = cvk_alloc(BASE64_TEXT(proof.n), 1, err);
    if (text == NULL)
        return false;
    base64_encode(proof.data, proof.n, text);
    json_field_str(w, "proof_data", text);
    free(text);
    *ret_n = proof.n;
    return true;
}

/* The proof stands last: prove_submission_read does not read so far. */
bool prove_submission(const Proving *p, CvkBuf *ret_body, ProveOutcome *ret_outcome, CvkErr *err) {
    ProverSays says = {0};
    ProveOutcome *o = ret_outcome;
    JsonWriter w = JSON_WRITER(json_to_buf(ret_body), 0);
    json_object_begin(&w);
    json_field_uint(&w, "request_id", p->task.request);
    if (!take_says(p, &says, &w, err) || !measured_ms(p, &o->proving_ms, err))
        return false;
    if (says.has_time)
        o->proving_ms = says.proving_ms;
    if (!find_cost(p, &says, o->proving_ms, &o->cost, err) ||
        !find_price(&p->terms, &says, o->cost, &o->price, err))
        return false;
    json_field_int(&w, "proving_time", o->proving_ms);
    prove_put_cents(&w, "cost", o->cost);
    prove_put_cents(&w, "price", o->price);
    put_words(&p->terms, &says, &w);
    if (!put_proof(p, &w, &o->proof_n, err))
        return false;
    json_object_end(&w);
    return json_finish(&w, err);
}

bool prove_submission_read(const CvkBuf *body, ProveOutcome *ret_outcome, CvkErr *err) {
    JsonMemory memory = {.data = cvk_buf_str(body), .n = body->n};
    ProveOutcome *o = ret_outcome;
    const char *key;
    JsonReader *r = json_reader_new(json_from_memory(&memory), body->n, err);
    bool ok = r != NULL && json_read_object(r, err);
    while (ok && (ok = json_read_key(r, &key, err)) && key != NULL &&
           strcmp(key, "proof_data") != 0) {
        if (strcmp(key, "proving_time") == 0)
            ok = prover_says_time(r, &o->proving_ms, err);
        else if (strcmp(key, "cost") == 0)
            ok = prover_says_amount(r, key, &o->cost, err);
        else if (strcmp(key, "price") == 0)
            ok = prover_says_amount(r, key, &o->price, err);
        else if (strcmp(key, "request_id") == 0)
            ok = json_read_uint(r, UINT64_MAX, &o->request, err);
        else
            ok = json_read_skip(r, err);
    }
    json_reader_free(r);
    return ok;
}
