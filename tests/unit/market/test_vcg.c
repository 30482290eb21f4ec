/* Against trying everything: small random instances, with ties, zeros, missing bids, capacities of
 * zero, with and without a fallback. Larger ones: no exchange of batches is cheaper, and payments
 * are those of solving anew without each participant. */
#include "support/test.h"

#include "base/rng.h"
#include "codec/money.h"
#include "market/vcg.h"

#define PEOPLE 4
#define BATCHES 6
#define MANY 2400 /* so that some hold enough for heaps */
#define NO_PROGRESS ((CvkProgress){NULL, NULL})
#define BIG ((Sum)1 << 80)

typedef struct {
    size_t people, batches;
    Bid bid[4 * MANY];
    size_t start[MANY + 1];
    uint32_t batch[MANY], capacity[40];
    int64_t fallback;
    Bids bids;
} Instance;

static const uint8_t seed[CVK_SEED_BYTES] = {3};

static uint64_t word(uint64_t label, uint64_t i) {
    uint8_t block[CVK_STREAM_BLOCK];
    uint64_t v;
    cvk_stream_block(seed, label, i, block);
    memcpy(&v, block, sizeof v);
    return v;
}

/* `prices`: how many different ones; a bid is missing once in `missing` (0: never). */
static void make(Instance *x, uint64_t label, unsigned prices, unsigned missing, unsigned room) {
    uint64_t i = 0;
    size_t n = 0;
    for (size_t j = 0; j < x->batches; j++) {
        x->start[j] = n;
        for (uint32_t k = 0; k < x->people; k++) {
            uint64_t v = word(label, i++);
            if (missing == 0 || v % missing != 0)
                x->bid[n++] = (Bid){.participant = k, .price = (int64_t)(v / 64 % prices)};
        }
    }
    x->start[x->batches] = n;
    for (size_t k = 0; k < x->people; k++)
        x->capacity[k] = (uint32_t)(word(label, i++) % (room + 1));
    x->bids = (Bids){x->people, x->batches, n, x->start, x->bid, x->batch};
}

static Sum price_of(const Instance *x, size_t batch, uint32_t who) {
    for (size_t i = x->start[batch]; i < x->start[batch + 1]; i++)
        if (x->bid[i].participant == who)
            return x->bid[i].price;
    return -1;
}

/* The least of all ways to give the batches away; `gone` gets none. */
static Sum try_all(const Instance *x, uint32_t gone) {
    uint32_t who[BATCHES] = {0};
    Sum best = BIG * 1000;
    for (bool more = true; more;) {
        uint32_t used[PEOPLE + 1] = {0};
        Sum sum = 0;
        for (size_t j = 0; j < x->batches && sum >= 0; j++) {
            bool elsewhere = who[j] == x->people;
            Sum price =
                elsewhere ? (x->fallback >= 0 ? (Sum)x->fallback : BIG) : price_of(x, j, who[j]);
            bool fits = elsewhere || (who[j] != gone && ++used[who[j]] <= x->capacity[who[j]]);
            sum = price < 0 || !fits ? -1 : sum + price;
        }
        if (sum >= 0 && sum < best)
            best = sum;
        more = false;
        for (size_t j = 0; j < x->batches && !more; j++) {
            more = who[j] < x->people;
            who[j] = more ? who[j] + 1 : 0;
        }
    }
    return best;
}

/* What the solution's winners bid; checks that it is one. */
static Sum worth(const Instance *x, const Vcg *v, uint32_t of) {
    uint32_t used[40] = {0};
    Sum sum = 0;
    for (size_t j = 0; j < x->batches; j++) {
        if (v->winner[j] == VCG_NOBODY)
            continue;
        Sum price = price_of(x, j, v->winner[j]);
        assert_true(price >= 0);
        assert_true(++used[v->winner[j]] <= x->capacity[v->winner[j]]);
        if (of == VCG_NOBODY || v->winner[j] == of)
            sum += price;
    }
    return sum;
}

static void check_small(const Instance *x) {
    Vcg v;
    CvkErr err;
    assert_true(vcg_solve(&x->bids, x->capacity, x->fallback, NO_PROGRESS, &v, &err));

    Sum each = x->fallback >= 0 ? (Sum)x->fallback : BIG, optimum = try_all(x, VCG_NOBODY);
    assert_true(worth(x, &v, VCG_NOBODY) + each * (Sum)v.fallbacks == optimum);
    assert_true(v.optimum == optimum - (x->fallback >= 0 ? 0 : BIG * (Sum)v.fallbacks));
    for (uint32_t i = 0; i < x->people; i++) {
        Sum payment = try_all(x, i) - (optimum - worth(x, &v, i));
        assert_true(v.payment[i] == (payment >= BIG / 2 ? VCG_UNDEFINED : payment));
        assert_true(v.payment[i] == VCG_UNDEFINED || v.payment[i] >= worth(x, &v, i));
    }
    vcg_done(&v);
}

static void small_instances_agree_with_trying_everything(void **state) {
    (void)state;
    static Instance x;
    static const unsigned prices[] = {2, 10, 1000000};
    for (uint64_t i = 0; i < 240; i++) {
        x.people = 1 + i % 3;
        x.batches = 1 + i / 3 % 5;
        x.fallback = i % 4 == 0 ? -1 : (int64_t)(word(i, 999) % (2 * prices[i % 3]));
        make(&x, i, prices[i % 3], i % 5 == 0 ? 0 : 3, 1 + i % 4);
        check_small(&x);
    }
}

/* ---- larger ones ---- */

/* What the cheapest batch costs more with `to` than with `from`, who has it; BIG: there is none.
 * Number `people` is elsewhere, and people + 1 is room: it costs nothing to go there from whoever
 * has some, and only a way that ends there may leave a batch more than before. */
static Sum hand_over(const Instance *x, const Vcg *v, uint32_t from, uint32_t to) {
    const Sum elsewhere = x->fallback >= 0 ? (Sum)x->fallback : BIG;
    Sum least = BIG * BATCHES;
    for (size_t j = 0; j < x->batches; j++) {
        uint32_t holder = v->winner[j] == VCG_NOBODY ? (uint32_t)x->people : v->winner[j];
        if (holder != from)
            continue;
        Sum there = to == x->people ? elsewhere : price_of(x, j, to);
        Sum here = from == x->people ? elsewhere : price_of(x, j, from);
        if (there >= 0 && there - here < least)
            least = there - here;
    }
    return least;
}

/* A solution is optimal if no circle of hand-overs is cheaper than none: Bellman and Ford's lengths
 * from everywhere at once settle. Who has room is on a circle with whoever else: through a node
 * that nothing is paid to leave, and only who has room reaches. */
static void assert_no_exchange_is_cheaper(const Instance *x, const Vcg *v) {
    enum { NODES = 42 };
    static Sum edge[NODES][NODES];
    Sum length[NODES] = {0};
    uint32_t used[40] = {0};
    const uint32_t elsewhere = (uint32_t)x->people, room = elsewhere + 1;
    for (size_t j = 0; j < x->batches; j++)
        if (v->winner[j] != VCG_NOBODY)
            used[v->winner[j]]++;
    for (uint32_t i = 0; i <= elsewhere; i++) {
        for (uint32_t k = 0; k <= elsewhere; k++)
            edge[i][k] = hand_over(x, v, i, k);
        edge[room][i] = 0; /* whoever hands one on may do so first, and be handed none for it */
        edge[i][room] = i == elsewhere || used[i] < x->capacity[i] ? 0 : BIG * BATCHES;
    }
    edge[room][room] = 0;
    bool shorter = true;
    for (uint32_t round = 0; round <= room + 1 && shorter; round++) {
        shorter = false;
        for (uint32_t i = 0; i <= room; i++)
            for (uint32_t k = 0; k <= room; k++)
                if (length[i] + edge[i][k] < length[k]) {
                    length[k] = length[i] + edge[i][k];
                    shorter = true;
                }
    }
    assert_false(shorter);
}

/* Payments without new solutions are the payments of new solutions. */
static void check_large(Instance *x) {
    Vcg v, without;
    CvkErr err;
    assert_true(vcg_solve(&x->bids, x->capacity, x->fallback, NO_PROGRESS, &v, &err));
    assert_no_exchange_is_cheaper(x, &v);
    for (uint32_t i = 0; i < x->people; i++) {
        uint32_t kept = x->capacity[i];
        x->capacity[i] = 0;
        assert_true(vcg_solve(&x->bids, x->capacity, x->fallback, NO_PROGRESS, &without, &err));
        assert_no_exchange_is_cheaper(x, &without);
        x->capacity[i] = kept;
        assert_true(v.payment[i] == without.optimum - (v.optimum - worth(x, &v, i)));
        vcg_done(&without);
    }
    vcg_done(&v);
}

static void larger_instances_are_optimal_and_agree_with_solving_anew_without_each(void **state) {
    (void)state;
    static Instance x;
    for (uint64_t i = 0; i < 12; i++) {
        x.people = i % 2 == 0 ? 12 : 40;
        x.batches = i % 3 == 0 ? 60 : 35;
        x.fallback = i % 4 == 0 ? 100000 : 700;
        make(&x, 1000 + i, i % 2 == 0 ? 1000 : 20, 4, i % 2 == 0 ? 7 : 2);
        check_large(&x);
    }
}

static void so_are_those_where_few_hold_many(void **state) {
    (void)state;
    static Instance x;
    for (uint64_t i = 0; i < 4; i++) {
        x.people = 4;
        x.batches = MANY;
        x.fallback = i < 2 ? 1000000 : 900;
        make(&x, 2000 + i, i % 2 == 0 ? 1000 : 30, 5, 1);
        for (size_t k = 0; k < x.people; k++)
            x.capacity[k] = (uint32_t)(600 + 40 * k);
        check_large(&x);
    }
}

/* Prices that are a batch's size times a prover's: everybody would hand everything on. */
static void so_are_those_where_all_agree_which_batches_are_large(void **state) {
    (void)state;
    static Instance x = {.people = 40, .batches = 60, .fallback = 1000000};
    make(&x, 3000, 2, 0, 1);
    for (size_t i = 0; i < x.bids.n; i++)
        x.bid[i].price =
            (int64_t)((1 + i / x.people * 7 % 61) * (10 + x.bid[i].participant * 13 % 41));
    for (uint32_t room = 1; room < 4; room++) {
        for (size_t k = 0; k < x.people; k++)
            x.capacity[k] = room;
        check_large(&x);
    }
}

static void everybody_is_paid_the_second_price_where_capacities_bind_nobody(void **state) {
    (void)state;
    static Instance x = {.people = 10, .batches = 30, .fallback = 5000};
    Vcg v;
    CvkErr err;
    Sum want[10] = {0};
    make(&x, 77, 1000, 0, 0);
    for (size_t k = 0; k < x.people; k++)
        x.capacity[k] = UINT32_MAX;

    assert_true(vcg_solve(&x.bids, x.capacity, x.fallback, NO_PROGRESS, &v, &err));

    for (size_t j = 0; j < x.batches; j++) {
        Sum second = x.fallback;
        for (uint32_t k = 0; k < x.people; k++)
            if (k != v.winner[j] && price_of(&x, j, k) < second)
                second = price_of(&x, j, k);
        assert_true(price_of(&x, j, v.winner[j]) <= second);
        want[v.winner[j]] += second;
    }
    for (size_t k = 0; k < x.people; k++)
        assert_true(v.payment[k] == want[k]);
    vcg_done(&v);
}

static void the_largest_amounts_are_right(void **state) {
    (void)state;
    static Instance x = {.people = 3, .batches = 5};
    for (uint64_t i = 0; i < 60; i++) {
        make(&x, 5000 + i, 4, i % 3 == 0 ? 4 : 0, 2);
        for (size_t k = 0; k < x.bids.n; k++)
            x.bid[k].price = x.bid[k].price % 2 == 0 ? MONEY_MAX - x.bid[k].price : (int64_t)k;
        x.fallback = i % 2 == 0 ? MONEY_MAX : -1;
        check_small(&x);
    }
}

static void look(void *ctx, size_t done, size_t total) {
    size_t *seen = ctx;
    assert_true(seen[0] <= done && done <= total);
    seen[0] = done;
    seen[1] = total;
}

/* Some are elsewhere, and some hold one batch, and some more. */
static void progress_never_falls_and_reaches_all(void **state) {
    (void)state;
    static Instance x = {.people = 9, .batches = 40, .fallback = 300};
    size_t seen[2] = {0};
    Vcg v;
    CvkErr err;
    make(&x, 88, 1000, 3, 4);

    assert_true(vcg_solve(&x.bids, x.capacity, x.fallback, (CvkProgress){look, seen}, &v, &err));

    assert_int_equal(seen[1], VCG_PLACINGS * x.batches);
    assert_int_equal(seen[0], seen[1]);
    vcg_done(&v);
}

static void nothing_to_give_is_no_fault(void **state) {
    (void)state;
    static Instance x = {.people = 0, .batches = 0, .fallback = -1};
    Vcg v;
    CvkErr err;
    make(&x, 1, 2, 0, 1);

    assert_true(vcg_solve(&x.bids, x.capacity, x.fallback, NO_PROGRESS, &v, &err));

    assert_true(v.optimum == 0);
    vcg_done(&v);
}

static void too_many_are_refused(void **state) {
    (void)state;
    const Bids b = {.participants = 1u << 20, .batches = 1u << 20};
    Vcg v;
    CvkErr err;

    assert_false(vcg_solve(&b, NULL, -1, NO_PROGRESS, &v, &err));

    assert_string_equal(err.id, "vcg.size");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(small_instances_agree_with_trying_everything),
        TEST(larger_instances_are_optimal_and_agree_with_solving_anew_without_each),
        TEST(so_are_those_where_few_hold_many),
        TEST(so_are_those_where_all_agree_which_batches_are_large),
        TEST(everybody_is_paid_the_second_price_where_capacities_bind_nobody),
        TEST(the_largest_amounts_are_right),
        TEST(progress_never_falls_and_reaches_all),
        TEST(nothing_to_give_is_no_fault),
        TEST(too_many_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
