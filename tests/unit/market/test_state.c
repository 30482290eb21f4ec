/* The state machine against a model that is too simple to be wrong: lists that are searched. */
#include "market/market.h"
#include "support/test.h"

#define PEOPLE 6
#define BATCHES 40
#define REQUESTS 1000

/* ---- the model ---- */

typedef struct {
    uint32_t participant, batch;
    RequestState state;
    int64_t since_ms, closed_ms, issued_ms;
    uint8_t body;
    uint32_t seq;
} ModelRequest;

typedef struct {
    MarketRules rules;
    bool allowed[PEOPLE + 1], live[BATCHES + 1];
    uint32_t block[BATCHES + 1];
    uint32_t order[PEOPLE + 1][BATCHES]; /* in which each would get all batches */
    uint32_t people, batches, blocks;
    ModelRequest request[REQUESTS + 1];
    uint32_t requests;
} Model;

typedef struct {
    Model m;
    MarketState *s;
    uint64_t random;
    int64_t now_ms;
} World;

static uint32_t draw(World *w, uint32_t n) {
    w->random = w->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(w->random >> 33) % n;
}

static uint32_t open_of(const Model *m, uint32_t participant) {
    uint32_t n = 0;
    for (uint32_t i = 1; i <= m->requests; i++)
        n += m->request[i].participant == participant && m->request[i].state == REQUEST_OPEN;
    return n;
}

static uint32_t issued_to(const Model *m, uint32_t participant) {
    uint32_t n = 0;
    for (uint32_t i = 1; i <= m->requests; i++)
        n += m->request[i].participant == participant;
    return n;
}

static bool had(const Model *m, uint32_t participant, uint32_t batch) {
    for (uint32_t i = 1; i <= m->requests; i++)
        if (m->request[i].participant == participant && m->request[i].batch == batch)
            return true;
    return false;
}

/* 0: nothing is left. */
static uint32_t next_of(const Model *m, uint32_t participant) {
    for (uint32_t i = 0; i < m->batches; i++) {
        uint32_t batch = m->order[participant][i];
        if (m->live[batch] && !had(m, participant, batch))
            return batch;
    }
    return 0;
}

static uint32_t oldest_of(const Model *m, uint32_t participant) {
    for (uint32_t i = 1; i <= m->requests; i++)
        if (m->request[i].participant == participant && m->request[i].state == REQUEST_OPEN)
            return i;
    return 0;
}

/* ---- commands ---- */

static bool give(World *w, MarketChange c) {
    CvkErr err, why;
    bool may = market_check(w->s, &c, &why);
    bool done = market_apply(w->s, &c, &err);
    assert_int_equal(may, done);
    if (!done)
        assert_string_equal(err.id, "market.broken");
    return done;
}

/* In which order a state with these batches gives them to each: asked of one in which nothing has
 * happened. */
static void learn_orders(World *w) {
    Model *m = &w->m;
    MarketRules rules = m->rules;
    CvkErr err;
    rules.open_max = 1;
    MarketState *s = market_new(&rules, &err);
    for (uint32_t i = 1; i <= PEOPLE; i++)
        assert_true(market_apply(s,
                                 &(MarketChange){.kind = CHANGE_PARTICIPANT_ADDED,
                                                 .participant = i,
                                                 .group = MARKET_NO_GROUP},
                                 &err));
    for (uint32_t i = 1; i <= m->batches; i++)
        assert_true(market_apply(
            s, &(MarketChange){.kind = CHANGE_BATCH_ADDED, .batch = i, .block = m->block[i]},
            &err));
    for (uint32_t i = 1; i <= PEOPLE; i++)
        for (uint32_t k = 0; k < m->batches; k++) {
            MarketChange c;
            assert_int_equal(market_next(s, i, 0, &c), NEXT_NEW);
            m->order[i][k] = c.batch;
            assert_true(market_apply(s, &c, &err));
            c = (MarketChange){
                .kind = CHANGE_REQUEST_CLOSED, .request = c.request, .state = REQUEST_DONE};
            assert_true(market_apply(s, &c, &err));
        }
    market_free(s);
}

static void add_person(World *w) {
    Model *m = &w->m;
    if (m->people == PEOPLE)
        return;
    assert_true(give(w, (MarketChange){.kind = CHANGE_PARTICIPANT_ADDED,
                                       .participant = ++m->people,
                                       .group = MARKET_NO_GROUP}));
    m->allowed[m->people] = true;
}

static void add_block(World *w) {
    Model *m = &w->m;
    uint32_t n = 1 + draw(w, 9);
    if (m->batches + n > BATCHES)
        return;
    m->blocks++;
    for (uint32_t i = 0; i < n; i++) {
        m->batches++;
        m->block[m->batches] = m->blocks;
        m->live[m->batches] = true;
        assert_true(give(
            w,
            (MarketChange){.kind = CHANGE_BATCH_ADDED, .batch = m->batches, .block = m->blocks}));
    }
    learn_orders(w);
}

static void allow(World *w) {
    uint32_t p = draw(w, PEOPLE + 2);
    bool on = draw(w, 3) != 0;
    bool can = p >= 1 && p <= w->m.people && w->m.allowed[p] != on;
    assert_int_equal(
        give(w, (MarketChange){.kind = CHANGE_PARTICIPANT_ALLOWED, .participant = p, .on = on}),
        can);
    if (can)
        w->m.allowed[p] = on;
}

static void retire(World *w) {
    uint32_t b = draw(w, BATCHES + 2);
    bool on = draw(w, 2) != 0;
    bool can = b >= 1 && b <= w->m.batches && w->m.live[b] != on;
    assert_int_equal(give(w, (MarketChange){.kind = CHANGE_BATCH_RETIRED, .batch = b, .on = on}),
                     can);
    if (can)
        w->m.live[b] = on;
}

static void ask(World *w) {
    Model *m = &w->m;
    uint32_t p = draw(w, PEOPLE + 2);
    MarketChange c;
    if (m->requests == REQUESTS || market_next(w->s, p, w->now_ms, &c) != NEXT_NEW)
        return;
    assert_true(give(w, c));
    m->requests++;
    m->request[m->requests] = (ModelRequest){.participant = p,
                                             .batch = c.batch,
                                             .seq = c.seq,
                                             .issued_ms = w->now_ms,
                                             .since_ms = w->now_ms};
}

static void close_one(World *w) {
    Model *m = &w->m;
    uint32_t r = draw(w, m->requests + 2);
    RequestState as = (RequestState)(1 + draw(w, 3));
    MarketChange c = {.kind = CHANGE_REQUEST_CLOSED, .ms = w->now_ms, .request = r, .state = as};
    bool can = r >= 1 && r <= m->requests && m->request[r].state == REQUEST_OPEN;
    if (as == REQUEST_DONE)
        c.body[0] = (uint8_t)(1 + draw(w, 200));
    assert_int_equal(give(w, c), can);
    if (!can)
        return;
    m->request[r].state = as;
    m->request[r].closed_ms = w->now_ms;
    m->request[r].body = c.body[0];
}

static void reopen(World *w) {
    Model *m = &w->m;
    uint32_t r = draw(w, m->requests + 2);
    bool can = r >= 1 && r <= m->requests &&
               (m->request[r].state == REQUEST_EXPIRED || m->request[r].state == REQUEST_SKIPPED) &&
               open_of(m, m->request[r].participant) < m->rules.open_max;
    assert_int_equal(
        give(w, (MarketChange){.kind = CHANGE_REQUEST_REOPENED, .ms = w->now_ms, .request = r}),
        can);
    if (!can)
        return;
    m->request[r].state = REQUEST_OPEN;
    m->request[r].since_ms = w->now_ms;
    m->request[r].closed_ms = 0;
}

/* ---- comparing ---- */

static void compare_next(const Model *m, const MarketState *s, uint32_t p, int64_t now_ms) {
    MarketChange c = {.batch = 0};
    MarketNext next = market_next(s, p, now_ms, &c);
    uint32_t open = p <= m->people ? open_of(m, p) : 0, batch = next_of(m, p);
    if (p == 0 || p > m->people || !m->allowed[p]) {
        assert_int_equal(next, NEXT_STRANGER);
    } else if (open < m->rules.open_max && batch != 0) {
        assert_int_equal(next, NEXT_NEW);
        assert_int_equal(c.batch, batch);
        assert_int_equal(c.request, m->requests + 1);
        assert_int_equal(c.seq, issued_to(m, p) + 1);
        assert_int_equal(c.ms, now_ms);
    } else if (open != 0) {
        assert_int_equal(next, NEXT_OPEN);
        assert_int_equal(c.request, oldest_of(m, p));
        assert_int_equal(c.batch, m->request[c.request].batch);
    } else {
        assert_int_equal(next, NEXT_FINISHED);
    }
}

static void compare_counts(const Model *m, const MarketState *s) {
    MarketCounts counts, expected = {.participants = m->people,
                                     .batches = m->batches,
                                     .blocks = m->blocks,
                                     .requests = m->requests};
    for (uint32_t p = 1; p <= m->people; p++) {
        expected.allowed += m->allowed[p];
        expected.finished += open_of(m, p) == 0 && next_of(m, p) == 0;
    }
    for (uint32_t b = 1; b <= m->batches; b++)
        expected.retired += !m->live[b];
    for (uint32_t i = m->requests; i >= 1; i--) {
        expected.open += m->request[i].state == REQUEST_OPEN;
        expected.done += m->request[i].state == REQUEST_DONE;
        expected.expired += m->request[i].state == REQUEST_EXPIRED;
        expected.skipped += m->request[i].state == REQUEST_SKIPPED;
        if (m->request[i].state == REQUEST_OPEN)
            expected.oldest_open_ms = m->request[i].issued_ms;
    }
    market_counts(s, &counts);
    assert_memory_equal(&counts, &expected, sizeof counts);
}

static void compare_requests(const Model *m, const MarketState *s, int64_t now_ms) {
    uint64_t overdue = 0;
    for (uint32_t i = 1; i <= m->requests; i++) {
        const ModelRequest *x = &m->request[i];
        uint8_t body[32] = {x->body}, other[32] = {255};
        MarketRequest r;
        assert_true(market_request(s, i, &r));
        assert_int_equal(r.state, x->state);
        assert_int_equal(r.closed_ms, x->closed_ms);
        assert_int_equal(r.since_ms, x->since_ms);
        MarketMay may = x->state == REQUEST_OPEN   ? MAY_SUBMIT
                        : x->state == REQUEST_DONE ? MAY_REPEAT
                                                   : MAY_NOT;
        bool allowed = m->allowed[x->participant];
        assert_int_equal(market_may_submit(s, x->participant, i, body), allowed ? may : MAY_NOT);
        assert_int_equal(market_may_submit(s, x->participant % PEOPLE + 1, i, body), MAY_NOT);
        if (x->state == REQUEST_DONE)
            assert_int_equal(market_may_submit(s, x->participant, i, other), MAY_NOT);
        if (x->state == REQUEST_OPEN && now_ms - x->since_ms >= m->rules.request_ttl_ms) {
            overdue = market_overdue(s, overdue, now_ms);
            assert_int_equal(overdue, i);
        }
    }
    assert_int_equal(market_overdue(s, overdue, now_ms), 0);
}

static void compare(const World *w, const MarketState *s) {
    for (uint32_t p = 0; p <= PEOPLE; p++)
        compare_next(&w->m, s, p, w->now_ms);
    compare_counts(&w->m, s);
}

/* The same state, as it is read from tables. */
static MarketState *read_back(const Model *m) {
    CvkErr err;
    MarketState *s = market_new(&m->rules, &err);
    for (uint32_t i = 1; i <= m->people; i++)
        assert_true(market_apply(s,
                                 &(MarketChange){.kind = CHANGE_PARTICIPANT_ADDED,
                                                 .participant = i,
                                                 .group = MARKET_NO_GROUP},
                                 &err));
    for (uint32_t i = 1; i <= m->batches; i++)
        assert_true(market_apply(
            s, &(MarketChange){.kind = CHANGE_BATCH_ADDED, .batch = i, .block = m->block[i]},
            &err));
    for (uint32_t i = 1; i <= m->requests; i++) {
        const ModelRequest *x = &m->request[i];
        uint8_t body[32] = {x->body};
        MarketRequest r = {.participant = x->participant,
                           .batch = x->batch,
                           .seq = x->seq,
                           .state = x->state,
                           .issued_ms = x->issued_ms,
                           .since_ms = x->since_ms,
                           .closed_ms = x->closed_ms};
        assert_true(market_restore(s, &r, body, &err));
    }
    for (uint32_t i = 1; i <= m->people; i++)
        assert_true(
            m->allowed[i] ||
            market_apply(
                s,
                &(MarketChange){.kind = CHANGE_PARTICIPANT_ALLOWED, .participant = i, .on = false},
                &err));
    for (uint32_t i = 1; i <= m->batches; i++)
        assert_true(
            m->live[i] ||
            market_apply(s, &(MarketChange){.kind = CHANGE_BATCH_RETIRED, .batch = i, .on = false},
                         &err));
    return s;
}

static void play(MarketOrder order, uint64_t seed, uint32_t open_max) {
    static void (*const commands[])(World * w) = {add_person, add_block, allow,     retire, ask,
                                                  ask,        ask,       close_one, reopen};
    World *w = calloc(1, sizeof *w);
    CvkErr err;
    w->random = seed;
    w->m.rules =
        (MarketRules){.order = order, .seed = seed, .open_max = open_max, .request_ttl_ms = 50000};
    w->s = market_new(&w->m.rules, &err);
    for (int i = 0; i < 700; i++) {
        w->now_ms += draw(w, 1000);
        commands[draw(w, sizeof commands / sizeof *commands)](w);
        compare(w, w->s);
        if (i % 50 == 0)
            compare_requests(&w->m, w->s, w->now_ms);
    }
    assert_true(w->m.requests > 20);
    MarketState *again = read_back(&w->m);
    compare(w, again);
    compare_requests(&w->m, again, w->now_ms);
    market_free(again);
    market_free(w->s);
    free(w);
}

static void thousands_of_commands_are_as_the_model_says(void **state) {
    (void)state;
    for (int order = 0; order < MARKET_ORDERS_N; order++)
        for (uint64_t seed = 1; seed <= 4; seed++)
            play((MarketOrder)order, seed, 1 + (uint32_t)seed % 3);
}

/* ---- orders ---- */

#define N 12

static void orders_of(MarketOrder order, uint64_t seed, uint32_t extra,
                      uint32_t ret[PEOPLE + 1][BATCHES]) {
    World *w = calloc(1, sizeof *w);
    w->m.rules = (MarketRules){.order = order, .seed = seed, .open_max = 1};
    for (uint32_t i = 1; i <= N + extra; i++)
        w->m.block[i] = i <= N ? 1 : 2;
    w->m.batches = N + extra;
    learn_orders(w);
    memcpy(ret, w->m.order, sizeof w->m.order);
    free(w);
}

static void in_sequence_everybody_meets_the_batches_as_they_came(void **state) {
    (void)state;
    uint32_t order[PEOPLE + 1][BATCHES];

    orders_of(ORDER_SEQUENTIAL, 7, 0, order);

    for (uint32_t p = 1; p <= PEOPLE; p++)
        for (uint32_t i = 0; i < N; i++)
            assert_int_equal(order[p][i], i + 1);
}

static void shuffled_orders_differ_and_a_later_block_changes_nothing(void **state) {
    (void)state;
    uint32_t order[PEOPLE + 1][BATCHES], longer[PEOPLE + 1][BATCHES], other[PEOPLE + 1][BATCHES];

    orders_of(ORDER_SHUFFLED, 7, 0, order);
    orders_of(ORDER_SHUFFLED, 7, 5, longer);
    orders_of(ORDER_SHUFFLED, 8, 0, other);

    for (uint32_t p = 1; p <= PEOPLE; p++) {
        assert_memory_equal(order[p], longer[p], N * sizeof **order);
        assert_memory_not_equal(order[p], other[p], N * sizeof **order);
        for (uint32_t q = 1; q < p; q++)
            assert_memory_not_equal(order[p], order[q], N * sizeof **order);
    }
}

static void in_a_latin_square_each_batch_stands_in_each_place_once(void **state) {
    (void)state;
    MarketRules rules = {.order = ORDER_LATIN, .seed = 3, .open_max = 1};
    bool seen[PEOPLE + 1][PEOPLE] = {{false}};
    CvkErr err;
    MarketState *s = market_new(&rules, &err);
    for (uint32_t i = 1; i <= PEOPLE; i++) /* as many participants as batches */
        assert_true(
            market_apply(s,
                         &(MarketChange){.kind = CHANGE_PARTICIPANT_ADDED,
                                         .participant = i,
                                         .group = MARKET_NO_GROUP},
                         &err) &&
            market_apply(s, &(MarketChange){.kind = CHANGE_BATCH_ADDED, .batch = i, .block = 1},
                         &err));

    for (uint32_t p = 1; p <= PEOPLE; p++)
        for (uint32_t place = 0; place < PEOPLE; place++) {
            MarketChange c;
            assert_int_equal(market_next(s, p, 0, &c), NEXT_NEW);
            assert_false(seen[c.batch][place]);
            seen[c.batch][place] = true;
            assert_true(market_apply(s, &c, &err));
            c = (MarketChange){
                .kind = CHANGE_REQUEST_CLOSED, .request = c.request, .state = REQUEST_DONE};
            assert_true(market_apply(s, &c, &err));
        }
    market_free(s);
}

/* A place that one batch has more often than others would be a wrong shuffle. The bounds are six
 * standard deviations of a fair one. */
static void every_batch_is_first_about_equally_often(void **state) {
    (void)state;
    MarketRules rules = {.order = ORDER_SHUFFLED, .seed = 11, .open_max = 1};
    uint32_t first[8] = {0};
    CvkErr err;
    MarketState *s = market_new(&rules, &err);
    for (uint32_t i = 1; i <= 8; i++)
        assert_true(market_apply(
            s, &(MarketChange){.kind = CHANGE_BATCH_ADDED, .batch = i, .block = 1}, &err));

    for (uint32_t p = 1; p <= 8000; p++) {
        MarketChange c = {
            .kind = CHANGE_PARTICIPANT_ADDED, .participant = p, .group = MARKET_NO_GROUP};
        assert_true(market_apply(s, &c, &err));
        assert_int_equal(market_next(s, p, 0, &c), NEXT_NEW);
        first[c.batch - 1]++;
    }

    for (int i = 0; i < 8; i++)
        assert_in_range(first[i], 1000 - 178, 1000 + 178);
    market_free(s);
}

/* ---- refusals ---- */

static void a_block_is_complete_once_something_of_it_was_handed_out(void **state) {
    (void)state;
    World w = {.m.rules = {.open_max = 1}};
    MarketChange c;
    CvkErr err;
    w.s = market_new(&w.m.rules, &err);
    add_person(&w);
    assert_true(give(&w, (MarketChange){.kind = CHANGE_BATCH_ADDED, .batch = 1, .block = 1}));
    assert_int_equal(market_next(w.s, 1, 0, &c), NEXT_NEW);
    assert_true(give(&w, c));

    c = (MarketChange){.kind = CHANGE_BATCH_ADDED, .batch = 2, .block = 1};

    assert_false(market_check(w.s, &c, &err));
    assert_string_equal(err.id, "batch.block");
    c.block = 2;
    assert_true(market_check(w.s, &c, &err));
    c.block = 4;
    assert_false(market_check(w.s, &c, &err));
    market_free(w.s);
}

/* ---- flags ---- */

static void flags_tell_what_is_odd_about_a_submission(void **state) {
    (void)state;
    MarketFacts fine = {.cost = 5,
                        .price = 6,
                        .proving_ms = 100,
                        .issued_ms = 1000,
                        .received_ms = 1100,
                        .fetched = true};
    MarketFacts odd = {
        .cost = 5, .price = 4, .proving_ms = 101, .received_ms = 100, .copied = true};
    MarketFacts nothing = {.fetched = true};

    assert_int_equal(market_flags(&fine), 0);
    assert_int_equal(market_flags(&odd), MARKET_FLAG_PRICE_LT_COST | MARKET_FLAG_TIME_IMPOSSIBLE |
                                             MARKET_FLAG_NOT_FETCHED | MARKET_FLAG_COPIED);
    assert_int_equal(market_flags(&nothing), MARKET_FLAG_ZERO_PRICE | MARKET_FLAG_ZERO_COST);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(thousands_of_commands_are_as_the_model_says),
        TEST(in_sequence_everybody_meets_the_batches_as_they_came),
        TEST(shuffled_orders_differ_and_a_later_block_changes_nothing),
        TEST(in_a_latin_square_each_batch_stands_in_each_place_once),
        TEST(every_batch_is_first_about_equally_often),
        TEST(a_block_is_complete_once_something_of_it_was_handed_out),
        TEST(flags_tell_what_is_odd_about_a_submission),
    };
    return cmocka_run_group_tests_name("state", tests, NULL, NULL);
}
