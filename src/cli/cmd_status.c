/* ceremony status: how far a ceremony is, who waits, and what the rules made of those who came. */
#include "api/status_json.h"
#include "base/clock.h"
#include "base/span.h"
#include "cli/operator.h"
#include "cli/say.h"
#include "cli/subcommands.h"
#include "run/preset.h"

#include <inttypes.h>
#include <stdio.h>

static const Option status_options[] = {
    OPTION_CEREMONY,
    {"json", NULL, NULL, "Print one JSON object."},
    {NULL, NULL, NULL, NULL},
};

/* ---- what is asked of the ceremony ---- */

/* Of all who were ever admitted. */
typedef struct {
    uint64_t admitted, struck, cooling, out, banned;
} People;

typedef struct {
    CeremonyStatus status;
    People people;
} Found;

/* Who has contributed as often as they may is not counted as out. */
static bool count_people(Ceremony *c, Found *f, CvkErr *err) {
    People *n = &f->people;
    int64_t now_ms = cvk_wall_ms();
    *n = (People){.admitted = f->status.view.participants};
    for (uint64_t number = 1; number <= n->admitted; number++) {
        Participant p;
        if (!ceremony_participant(c, number, NULL, &p, err))
            return false;
        n->struck += p.person.strikes != 0 ? 1 : 0;
        n->cooling += p.person.cool_until_ms > now_ms ? 1 : 0;
        n->out += p.person.out ? 1 : 0;
        n->banned += p.person.banned ? 1 : 0;
    }
    return true;
}

/* Who is in a lobby is known to the server alone; a queue stands in the journal. */
static bool waiting_is_known(const EngineView *v) {
    return v->policy.entry == ENTRY_FIFO;
}

/* ---- in words ---- */

static const char *state_words(const EngineView *v) {
    if (v->handed_over)
        return "handed over to another server";
    if (v->finalized)
        return "finalized";
    if (v->drained)
        return "draining: everybody who waited has had their turn";
    return mode_name(v->mode);
}

static void print_wait(const CeremonyStatus *s) {
    char words[CVK_SPAN_TEXT];
    EngineEstimate estimate;
    const EngineView *v = &s->view;
    if (!waiting_is_known(v)) {
        say_result("  a lobby: the server knows who waits there (/ceremony/status)");
        return;
    }
    status_estimate(s, &estimate);
    if (estimate.known) {
        cvk_span_text(estimate.low_ms, estimate.high_ms, words);
        say_result("  %" PRIu64 " waiting in the queue; who comes now waits %s", v->waiting, words);
    } else {
        say_result("  %" PRIu64 " waiting in the queue; too few turns measured to say how long",
                   v->waiting);
    }
}

static void print_people(const People *n) {
    say_result("  %" PRIu64 " came: %" PRIu64 " with strikes, %" PRIu64 " cooling down, %" PRIu64
               " out for good, %" PRIu64 " banned",
               n->admitted, n->struck, n->cooling, n->out, n->banned);
}

static void print_turns(const EngineView *v) {
    char count[64];
    say_result(
        "  %s granted: %" PRIu64 " refused, %" PRIu64 " ran out of time, %" PRIu64 " given up",
        say_count(v->leases, "turn", count, sizeof count), v->refused, v->expired, v->aborted);
    if (v->turns.n != 0)
        say_result("  a turn takes %.1f s (spread %.1f s, over the newest %" PRIu32 ")",
                   (double)v->turns.mean_ms / 1e3, (double)v->turns.spread_ms / 1e3, v->turns.n);
}

static void print_status(const Ceremony *c, const Found *f) {
    const EngineView *v = &f->status.view;
    char count[64];
    bool over = v->finalized || v->handed_over;
    say_result("ceremony '%s' (%s): %s", ceremony_name(c), ceremony_kind(c), state_words(v));
    say_result("  %s accepted", say_count(v->contributions, "contribution", count, sizeof count));
    print_turns(v);
    if (v->lease.number != 0)
        say_result("  now %s is %s", v->lease.identity, phase_name(v->lease.phase));
    else if (!over)
        say_result("  nobody has the turn now");
    if (!over)
        print_wait(&f->status);
    print_people(&f->people);
}

/* ---- as JSON ---- */

typedef struct {
    const char *key;
    uint64_t value;
} Count;

static void put_counts(JsonWriter *w, const Count *counts, size_t n) {
    for (size_t i = 0; i < n; i++) {
        json_put_key(w, counts[i].key);
        json_put_uint(w, counts[i].value);
    }
}

static void put_people(JsonWriter *w, const People *n) {
    const Count counts[] = {{"admitted", n->admitted},
                            {"with_strikes", n->struck},
                            {"cooling_down", n->cooling},
                            {"out", n->out},
                            {"banned", n->banned}};
    json_put_key(w, "people");
    json_object_begin(w);
    put_counts(w, counts, sizeof counts / sizeof *counts);
    json_object_end(w);
}

static void put_live(JsonWriter *w, const EngineView *v, const char *key, const char *value) {
    json_put_key(w, key);
    if (v->lease.number != 0)
        json_put_str(w, value);
    else
        json_put_null(w);
}

static bool print_status_json(const Ceremony *c, const Found *f, CvkErr *err) {
    const EngineView *v = &f->status.view;
    const Count counts[] = {{"contributions", v->contributions},
                            {"turns", v->leases},
                            {"refused", v->refused},
                            {"expired", v->expired},
                            {"aborted", v->aborted}};
    JsonWriter w = JSON_WRITER(json_to_file(stdout), 0);
    json_object_begin(&w);
    json_put_key(&w, "ceremony");
    json_put_str(&w, ceremony_name(c));
    json_put_key(&w, "kind");
    json_put_str(&w, ceremony_kind(c));
    json_put_key(&w, "wallets");
    json_put_str(&w, wallets_name(ceremony_wallets(c)));
    json_put_key(&w, "finalized");
    json_put_bool(&w, v->finalized);
    put_counts(&w, counts, sizeof counts / sizeof *counts);
    put_live(&w, v, "holder", v->lease.identity);
    put_live(&w, v, "phase", phase_name(v->lease.phase));
    put_people(&w, &f->people);
    status_put_rules(&w, &f->status, waiting_is_known(v));
    json_object_end(&w);
    return json_finish(&w, err) && putchar('\n') != EOF;
}

static int run_status(const Args *args) {
    Node *node;
    Ceremony *c;
    Found found;
    CvkErr err;
    if (!operator_open_ceremony(args, &node, &c, &err))
        return say_error("ceremony status", &err);
    ceremony_status(c, &found.status);
    bool ok = count_people(c, &found, &err);
    if (ok && args_flag(args, "json"))
        ok = print_status_json(c, &found, &err);
    else if (ok)
        print_status(c, &found);
    node_close(node);
    return ok ? EXIT_DONE : say_error("ceremony status", &err);
}

const Subcommand CLI_CEREMONY_STATUS = {
    .name = "ceremony status",
    .purpose = "how far a ceremony is, and who waits",
    .usage = "DIR [--ceremony NAME] [--json]",
    .about = "Works beside a running server. How many wait in a lobby only the server knows: it "
             "answers at /ceremony/status.",
    .options = status_options,
    .examples = "convoke ceremony status ceremony-2026\n"
                "convoke ceremony status ceremony-2026 --json",
    .args_min = 1,
    .args_max = 1,
    .run = run_status,
};
