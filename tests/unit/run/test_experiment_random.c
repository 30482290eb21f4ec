/* Random commands of provers and their operator against a model that is too simple to be wrong:
 * arrays that are searched. What test_state.c shows of the state alone is shown here of the whole:
 * ids, proofs, tables, time, restarts. */
#include "base/hex.h"
#include "base/sha256.h"
#include "market_world.h"

#include <inttypes.h>

#define PEOPLE 5
#define BATCHES 24
#define REQUESTS 200
#define TTL_MS 40000
#define OPEN_MAX 2
#define WRONG "0000000000000000000000000000000000000000000000000000000000000000"

/* ---- the model ---- */

typedef struct {
    uint32_t participant, batch;
    RequestState state;
    int64_t since_ms;
    char path[LIMIT_PATH];
} Asked;

typedef struct {
    MarketWorld w;
    uint64_t random;
    uint32_t people, batches, requests, submissions, attempts, ids;
    char id[PEOPLE + 1][16], id_before[PEOPLE + 1][16];
    bool allowed[PEOPLE + 1], cheap[PEOPLE + 1], live[BATCHES + 1];
    Asked asked[REQUESTS + 1];
} Play;

static uint32_t draw(Play *p, uint32_t n) {
    p->random = p->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(p->random >> 33) % n;
}

static uint32_t open_of(const Play *p, uint32_t participant, uint32_t *ret_oldest) {
    uint32_t n = 0;
    *ret_oldest = 0;
    for (uint32_t r = p->requests; r >= 1; r--)
        if (p->asked[r].participant == participant && p->asked[r].state == REQUEST_OPEN) {
            n++;
            *ret_oldest = r;
        }
    return n;
}

static bool had(const Play *p, uint32_t participant, uint32_t batch) {
    for (uint32_t r = 1; r <= p->requests; r++)
        if (p->asked[r].participant == participant && p->asked[r].batch == batch)
            return true;
    return false;
}

/* In the order in which they came; 0: nothing is left. */
static uint32_t next_of(const Play *p, uint32_t participant) {
    for (uint32_t b = 1; b <= p->batches; b++)
        if (p->live[b] && !had(p, participant, b))
            return b;
    return 0;
}

static MarketNext expected_next(const Play *p, uint32_t participant, uint32_t *ret_oldest) {
    uint32_t open = open_of(p, participant, ret_oldest);
    if (!p->allowed[participant])
        return NEXT_STRANGER;
    if (open < OPEN_MAX && next_of(p, participant) != 0)
        return NEXT_NEW;
    return open != 0 ? NEXT_OPEN : NEXT_FINISHED;
}

static void right_proof(uint32_t batch, char ret[65]) {
    char bytes[64];
    uint8_t hash[32];
    int n = snprintf(bytes, sizeof bytes, "the bytes of batch b%" PRIu32, batch);
    cvk_sha256(bytes, (size_t)n, hash);
    cvk_hex_encode(hash, sizeof hash, ret);
}

/* ---- what provers do ---- */

static uint32_t somebody(Play *p) {
    return 1 + draw(p, p->people);
}

static void ask(Play *p) {
    uint32_t who = somebody(p), oldest;
    MarketNext expected = expected_next(p, who, &oldest);
    OpenRequest got;
    if (expected == NEXT_NEW && p->requests == REQUESTS)
        return;
    uint32_t batch = next_of(p, who);

    MarketNext next = market_ask(&p->w, who, &got);

    assert_int_equal(next, expected == NEXT_NEW ? NEXT_OPEN : expected);
    if (expected == NEXT_NEW) {
        Asked *a = &p->asked[++p->requests];
        *a = (Asked){.participant = who, .batch = batch, .since_ms = market_now_ms};
        snprintf(a->path, sizeof a->path, "%s", got.path);
        oldest = p->requests;
    }
    if (next == NEXT_OPEN) {
        assert_int_equal(got.request, oldest);
        assert_string_equal(got.path, p->asked[oldest].path);
        assert_int_equal(got.posted_price, p->cheap[who] ? 12500000 : -1);
    }
}

/* Of their own, mostly; or a number that is another's, closed, or none. */
static uint32_t some_request(Play *p, uint32_t who) {
    uint32_t own;
    if (open_of(p, who, &own) != 0 && draw(p, 4) != 0)
        return own;
    return 1 + draw(p, p->requests + 1);
}

static void submit(Play *p) {
    uint32_t who = somebody(p), r = some_request(p, who);
    bool right = draw(p, 3) != 0;
    char proof[65] = WRONG;
    Asked *a = &p->asked[r];
    bool theirs = r <= p->requests && a->participant == who && p->allowed[who];
    SubmissionResult expected = SUBMISSION_NO_REQUEST;
    if (right && r <= p->requests)
        right_proof(a->batch, proof);
    if (theirs && a->state == REQUEST_OPEN)
        expected = right ? SUBMISSION_ACCEPTED : SUBMISSION_INVALID;
    else if (theirs && a->state == REQUEST_DONE && right) /* the body that was accepted */
        expected = SUBMISSION_ACCEPTED;

    assert_int_equal(market_submit(&p->w, who, r, proof), expected);

    if (theirs && a->state == REQUEST_OPEN) {
        p->submissions += right;
        p->attempts += !right;
        a->state = right ? REQUEST_DONE : REQUEST_OPEN;
    }
}

static void give_up(Play *p) {
    uint32_t who = somebody(p), r = some_request(p, who);
    bool can = r <= p->requests && p->asked[r].participant == who && p->allowed[who] &&
               p->asked[r].state == REQUEST_OPEN;

    assert_int_equal(market_failure(&p->w, who, r),
                     can ? SUBMISSION_ACCEPTED : SUBMISSION_NO_REQUEST);

    p->attempts += can;
}

/* ---- what the operator does ---- */

static void add_person(Play *p) {
    char shown[LIMIT_PROVER_ID + 1];
    uint32_t number;
    CvkErr err;
    if (p->people == PEOPLE)
        return;
    uint32_t who = ++p->people;
    snprintf(p->id[who], sizeof p->id[who], "id-%" PRIu32, ++p->ids);
    p->allowed[who] = true;
    p->cheap[who] = draw(p, 2) != 0;
    assert_true(experiment_participant_add(p->w.e, p->id[who], p->cheap[who] ? "cheap" : NULL, NULL,
                                           shown, &number, &err));
    assert_int_equal(number, who);
}

static void rotate(Play *p) {
    char shown[LIMIT_PROVER_ID + 1];
    uint32_t who = somebody(p);
    CvkErr err;
    memcpy(p->id_before[who], p->id[who], sizeof p->id[who]);
    snprintf(p->id[who], sizeof p->id[who], "id-%" PRIu32, ++p->ids);
    assert_true(experiment_participant_rotate(p->w.e, who, p->id[who], shown, &err));
}

static void allow(Play *p) {
    uint32_t who = somebody(p);
    bool on = draw(p, 3) != 0;
    CvkErr err;
    assert_int_equal(experiment_participant_allow(p->w.e, who, on, &err), p->allowed[who] != on);
    p->allowed[who] = on;
}

static void add_batches(Play *p) {
    uint32_t n = 1 + draw(p, 3);
    if (p->batches + n > BATCHES)
        return;
    market_batches(&p->w, n);
    for (; n > 0; n--)
        p->live[++p->batches] = true;
}

static void retire(Play *p) {
    uint32_t b = 1 + draw(p, BATCHES);
    bool retired = draw(p, 2) != 0;
    bool can = b <= p->batches && p->live[b] == retired;
    CvkErr err;
    assert_int_equal(experiment_batch_retire(p->w.e, b, retired, &err), can);
    if (can)
        p->live[b] = !retired;
}

static void close_one(Play *p) {
    uint32_t r = 1 + draw(p, p->requests + 1);
    RequestState as = draw(p, 2) != 0 ? REQUEST_EXPIRED : REQUEST_SKIPPED;
    bool can = r <= p->requests && p->asked[r].state == REQUEST_OPEN;
    CvkErr err;
    assert_int_equal(experiment_request_close(p->w.e, r, as, &err), can);
    if (can)
        p->asked[r].state = as;
}

static void reopen(Play *p) {
    uint32_t r = 1 + draw(p, p->requests + 1), oldest;
    bool over = r <= p->requests &&
                (p->asked[r].state == REQUEST_EXPIRED || p->asked[r].state == REQUEST_SKIPPED);
    bool can = over && open_of(p, p->asked[r].participant, &oldest) < OPEN_MAX;
    CvkErr err;
    assert_int_equal(experiment_request_reopen(p->w.e, r, &err), can);
    if (can) {
        p->asked[r].state = REQUEST_OPEN;
        p->asked[r].since_ms = market_now_ms;
    }
}

static void let_time_pass(Play *p) {
    market_pass(&p->w, 1 + draw(p, 15000));
    for (uint32_t r = 1; r <= p->requests; r++)
        if (p->asked[r].state == REQUEST_OPEN && market_now_ms - p->asked[r].since_ms >= TTL_MS)
            p->asked[r].state = REQUEST_EXPIRED;
}

static void restart(Play *p) {
    if (draw(p, 4) == 0)
        market_restart(&p->w);
}

/* ---- comparing ---- */

static void compare_people(Play *p) {
    for (uint32_t who = 1; who <= p->people; who++) {
        OpenRequest got;
        uint32_t oldest;
        MarketNext expected = expected_next(p, who, &oldest);
        assert_int_equal(experiment_peek(p->w.e, who, &got), expected);
        if (expected == NEXT_OPEN)
            assert_int_equal(got.request, oldest);
        assert_int_equal(experiment_who(p->w.e, p->id[who], strlen(p->id[who])),
                         p->allowed[who] ? who : 0);
        assert_int_equal(experiment_who(p->w.e, p->id_before[who], strlen(p->id_before[who])), 0);
    }
}

static bool compare_request(void *ctx, const StoreRequest *r, CvkErr *err) {
    const Play *p = ctx;
    const Asked *a = &p->asked[r->id];
    (void)err;
    assert_in_range(r->id, 1, p->requests);
    assert_int_equal(r->state, a->state);
    assert_int_equal(r->participant, a->participant);
    assert_int_equal(r->batch, a->batch);
    return true;
}

/* Nothing is there twice, nothing is lost, and the journal says the same. */
static void compare_tables(Play *p) {
    ExperimentAudit audit;
    CvkErr err;
    assert_true(experiment_each_request(p->w.e, compare_request, p, &err));
    if (!experiment_audit(p->w.e, &audit, &err))
        fail_msg("%s", err.msg);
    assert_int_equal(audit.requests, p->requests);
    assert_int_equal(audit.submissions, p->submissions);
    assert_int_equal(audit.attempts, p->attempts);
    assert_int_equal(audit.participants, p->people);
    assert_int_equal(audit.batches, p->batches);
}

static void play(uint64_t seed, int steps) {
    static const char *const settings[] = {"order=sequential", "open_max=2",
                                           "request_ttl_s=40", "attempts_per_minute=60000",
                                           "group=cheap:12.5", NULL};
    static void (*const commands[])(Play * p) = {
        ask,    ask,       ask,     ask,    submit,        submit, submit,
        submit, submit,    give_up, rotate, add_person,    allow,  add_batches,
        retire, close_one, reopen,  reopen, let_time_pass, restart};
    Play *p = calloc(1, sizeof *p);
    assert_non_null(p);
    p->random = seed;
    market_open(&p->w, settings);
    add_person(p);
    for (int i = 0; i < steps; i++) {
        commands[draw(p, sizeof commands / sizeof *commands)](p);
        compare_people(p);
        if (i % 50 == 49)
            compare_tables(p);
    }
    assert_true(p->submissions > 5 && p->attempts > 5 && p->requests > 20);
    market_restart(&p->w);
    compare_people(p);
    compare_tables(p);
    market_close(&p->w);
    free(p);
}

static void hundreds_of_commands_are_as_the_model_says(void **state) {
    (void)state;
    for (uint64_t seed = 1; seed <= 3; seed++)
        play(seed, 400);
}

int main(int argc, char **argv) {
    MARKET_WORKER(argc, argv);
    const struct CMUnitTest tests[] = {TEST(hundreds_of_commands_are_as_the_model_says)};
    return cmocka_run_group_tests_name("experiment_random", tests, NULL, NULL);
}
