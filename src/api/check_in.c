/* POST /lobby/try_contribute: the challenge, or how long to wait. Bodies are those of the original
 * protocol, whose clients refuse further keys; position, size and expected wait stand in header
 * fields. In a queue, the poll of who is next sleeps until the slot is free (park_gate.c). */
#include "api/check_in.h"

#include "api/forms.h"
#include "base/alloc.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static const ApiError busy = {200, "TryContributeError::AnotherContributionInProgress",
                              "another contribution in progress"};

const ApiError *refused_check_in(Refusal refusal) {
    static const ApiError early = {400, "TryContributeError::RateLimited",
                                   "call came too early. rate limited"};
    static const ApiError full = {400, "TryContributeError::LobbyIsFull", "lobby is full"};
    static const ApiError finished = {400, "TryContributeError::CeremonyFinished",
                                      "the ceremony is finished: it takes no more contributions"};
    static const ApiError closed = {400, "TryContributeError::CeremonyClosed",
                                    "the ceremony takes nobody new"};
    static const ApiError moved = {400, "TryContributeError::CeremonyHandedOver",
                                   "the ceremony has moved to another server"};
    switch (refusal) {
    case REFUSAL_BUSY:
        return &busy;
    case REFUSAL_EARLY:
    case REFUSAL_COOLING:
        return &early;
    case REFUSAL_FULL:
        return &full;
    case REFUSAL_CLOSED:
        return &closed;
    case REFUSAL_HANDED_OVER:
        return &moved;
    case REFUSAL_FINALIZED:
        return &finished;
    case REFUSAL_OUT:
    case REFUSAL_NOT_HOLDER:
    case REFUSAL_WRONG_PHASE: /* has uploaded: the session's turn is over */
    case REFUSAL_TURN_LIVE:
    case REFUSAL_UNKNOWN:
    case REFUSAL_NO_CHANGE:
        return &no_such_session;
    case REFUSAL_NONE:
    case REFUSAL_HOLDER_AGAIN:
    case REFUSAL_N:
        break;
    }
    return NULL;
}

/* ---- header fields ---- */

static int64_t seconds_up(int64_t ms) {
    return ms > 0 ? (ms + 999) / 1000 : 0;
}

static void add_number(HttpRequest *r, const char *name, uint64_t n) {
    char text[24];
    snprintf(text, sizeof text, "%" PRIu64, n);
    http_reply_header(r, name, text);
}

static void add_retry_after(HttpRequest *r, int64_t ms) {
    add_number(r, "Retry-After", (uint64_t)seconds_up(ms));
}

/* How long their cool-down still lasts; 0: they have none, or it cannot be told. */
static int64_t cool_down_ms(Ceremony *c, const Session *s, int64_t now_ms) {
    Participant p;
    CvkErr err;
    return ceremony_participant(c, 0, s->identity, &p, &err) && p.person.cool_until_ms > now_ms
               ? p.person.cool_until_ms - now_ms
               : 0;
}

static void add_estimate(HttpRequest *r, const EngineEstimate *e) {
    char text[80];
    snprintf(text, sizeof text, "%" PRId64 "-%" PRId64 "-%" PRId64, e->low_ms / 1000,
             seconds_up(e->mean_ms), seconds_up(e->high_ms));
    http_reply_header(r, "X-Expected-Wait", text);
}

/* Their place and how long it may take, for those who wait. */
static void add_place(HttpRequest *r, const Waiting *w) {
    if (w->placed)
        add_number(r, "X-Queue-Position", w->ahead + 1);
    if (w->waits && w->estimate.known)
        add_estimate(r, &w->estimate);
}

void add_check_in_fields(HttpRequest *r, const Session *s, Refusal refusal) {
    Ceremony *c = app_ceremony(r);
    Waiting w;
    ceremony_waiting(c, s, &w);
    add_number(r, "X-Lobby-Size", w.waiting);
    add_number(r, "X-Queue-Size", w.waiting);
    if (w.mode != MODE_OPEN)
        http_reply_header(r, "X-Ceremony-Mode", mode_name(w.mode));
    if (refusal == REFUSAL_BUSY || refusal == REFUSAL_EARLY)
        add_place(r, &w);
    if (refusal == REFUSAL_BUSY || refusal == REFUSAL_EARLY || refusal == REFUSAL_FULL)
        add_retry_after(r, w.due.next_ms - w.now_ms);
    if (refusal == REFUSAL_COOLING) {
        int64_t left_ms = cool_down_ms(c, s, w.now_ms);
        add_retry_after(r, left_ms > 0 ? left_ms : 1000);
        add_number(r, "X-Cool-Down", (uint64_t)seconds_up(left_ms));
    }
}

/* ---- the answer ---- */

void reply_check_in(HttpRequest *r, Refusal refusal, uint64_t lease, CeremonyFile *challenge) {
    CheckIn *ours = http_data(r);
    char number[24];
    const ApiError *refused = refused_check_in(refusal);
    add_check_in_fields(r, &ours->session, refusal);
    if (refused != NULL) {
        reply_api_error(r, refused);
        return;
    }
    ours->lease = lease;
    snprintf(number, sizeof number, "%" PRIu64, lease);
    tell(r, "lease", number);
    ceremony_challenge_form(app_ceremony(r), wished_form(r, true), challenge);
    reply_document(r, challenge);
}

/* The wait is over. Whoever has hung up must not be taken as having come for the turn: what was
 * offered to them stays for the start window. */
static void answer_woken(HttpRequest *r) {
    const CheckIn *ours = http_data(r);
    Refusal refusal;
    CeremonyFile challenge;
    CvkErr err;
    uint64_t lease;
    if (http_gone(r))
        reply_api_error(r, &busy);
    else if (ceremony_after_park(app_ceremony(r), &ours->session, &refusal, &lease, &challenge,
                                 &err))
        reply_check_in(r, refusal, lease, &challenge);
    else
        reply_failed(r, &err);
}

static bool begin_park(HttpRequest *r) {
    const App *app = http_app(r);
    CheckIn *ours = http_data(r);
    return park_gate_enter(app->gate, &ours->parked, r, &ours->session);
}

static bool is_parkable(HttpRequest *r, const Session *s) {
    Waiting w;
    ceremony_waiting(app_ceremony(r), s, &w);
    return w.parkable;
}

static void check_in(HttpRequest *r, const Session *s) {
    Refusal refusal;
    CeremonyFile challenge;
    CvkErr err;
    uint64_t lease;
    if (!ceremony_check_in(app_ceremony(r), s, &refusal, &lease, &challenge, &err))
        reply_failed(r, &err);
    else if (refusal == REFUSAL_BUSY && is_parkable(r, s))
        http_park(r, begin_park, answer_woken);
    else
        reply_check_in(r, refusal, lease, &challenge);
}

static void try_contribute(HttpRequest *r) {
    CvkErr err;
    CheckIn *ours = cvk_alloc(1, sizeof *ours, &err);
    http_set_data(r, ours);
    if (ours == NULL)
        reply_failed(r, &err);
    else if (find_session(r, &no_such_session, &ours->session))
        check_in(r, &ours->session);
}

void end_check_in(HttpRequest *r, bool sent) {
    CheckIn *ours = http_data(r);
    if (ours != NULL && ours->lease != 0 && sent)
        ceremony_challenge_sent(app_ceremony(r), ours->lease);
    if (ours != NULL)
        cvk_buf_done(&ours->body);
    free(ours);
}

const HttpHandler on_try_contribute = {
    .on_end = try_contribute, .on_done = end_check_in, .polled = true};
