/* Every number of the reference's worked example, and what the rules do at their edges. */
#include "support/test.h"

#include "market/analysis.h"
#include "unit/market/golden.h"

#include <math.h>

#define A 0
#define B 1
#define C 2

typedef struct {
    Panel *panel;
    Bids all, complete;
} World;

static int begin(void **state) {
    static World w;
    Panel *complete;
    CvkErr err;
    w.panel = golden_panel();
    assert_true(panel_select(w.panel, true, 0, &complete, &err));
    assert_true(bids_make(w.panel, 1, &w.all, &err));
    assert_true(bids_make(complete, 1, &w.complete, &err));
    panel_free(complete);
    *state = &w;
    return 0;
}

static int end(void **state) {
    World *w = *state;
    bids_done(&w->all);
    bids_done(&w->complete);
    panel_free(w->panel);
    return 0;
}

static Outcome hold(const Auction *a, const Bids *b) {
    Outcome o;
    CvkErr err;
    assert_true(auction_hold(a, b, NULL, &o, &err));
    return o;
}

static void cents(Sum got, int64_t want) {
    char text[SUM_TEXT_MAX];
    sum_text(got, text);
    if (got != (Sum)want * CVK_CENT)
        fail_msg("%s cents, not %ld", text, (long)want);
}

static void four_places(double got, double want) {
    if (!(fabs(got - want) <= 0.00005))
        fail_msg("%.6f, not %.4f", got, want);
}

static void won(const Outcome *o, size_t a, size_t b, size_t c) {
    assert_int_equal(o->wins[A], a);
    assert_int_equal(o->wins[B], b);
    assert_int_equal(o->wins[C], c);
}

/* ---- the worked example ---- */

static void the_first_price_of_all_is_448(void **state) {
    World *w = *state;

    Outcome o = hold(&auction_usual, &w->all);

    cents(o.spend, 448);
    cents(o.winner_cost, 375);
    cents(o.min_cost, 370);
    four_places(o.efficiency, 0.9867);
    four_places(o.hhi, 0.5);
    won(&o, 0, 2, 2);
    assert_int_equal(o.served, 4);
    assert_int_equal(o.failed, 0);
    outcome_done(&o);
}

static void the_second_price_of_all_is_510_with_a_rent_of_135(void **state) {
    World *w = *state;
    Auction a = auction_usual;
    a.kind = AUCTION_SECOND;

    Outcome o = hold(&a, &w->all);

    cents(o.spend, 510);
    cents(o.spend - o.winner_cost, 135);
    cents(o.winner_cost, 375);
    won(&o, 0, 2, 2);
    outcome_done(&o);
}

static void the_complete_panel_has_three_batches(void **state) {
    World *w = *state;
    Auction a = auction_usual;

    Outcome first = hold(&a, &w->complete);
    a.kind = AUCTION_SECOND;
    Outcome second = hold(&a, &w->complete);

    assert_int_equal(w->complete.batches, 3);
    cents(first.spend, 298);
    cents(second.spend, 310);
    cents(second.winner_cost, 235);
    cents(second.min_cost, 230);
    four_places(second.efficiency, 0.9787);
    cents(second.spend - second.winner_cost, 75);
    four_places(second.hhi, 0.5556);
    outcome_done(&first);
    outcome_done(&second);
}

static void a_reserve_of_105_sells_two_for_190_and_of_120_three_for_310(void **state) {
    World *w = *state;
    Auction a = auction_usual;
    a.kind = AUCTION_SECOND;

    a.reserve = 105 * CVK_CENT;
    Outcome low = hold(&a, &w->all);
    a.reserve = 120 * CVK_CENT;
    Outcome high = hold(&a, &w->all);

    assert_int_equal(low.served, 2);
    assert_int_equal(low.failed, 2);
    cents(low.spend, 190);
    assert_int_equal(high.served, 3);
    cents(high.spend, 310);
    outcome_done(&low);
    outcome_done(&high);
}

static void posted_prices_serve_1_2_2_3_4(void **state) {
    World *w = *state;
    static const int64_t price[] = {90, 95, 100, 120, 150}, spend[] = {90, 190, 200, 360, 600};
    static const size_t served[] = {1, 2, 2, 3, 4};

    for (PostedWinner choice = 0; choice < POSTED_N; choice++)
        for (size_t i = 0; i < 5; i++) {
            Auction a = auction_usual;
            a.kind = AUCTION_POSTED;
            a.choice = choice;
            a.posted = price[i] * CVK_CENT;
            Outcome o = hold(&a, &w->all);
            assert_int_equal(o.served, served[i]);
            cents(o.spend, spend[i]);
            outcome_done(&o);
        }
}

static void vcg_with_capacity_two_gives_c_b_c_b_and_pays_320_and_190(void **state) {
    World *w = *state;
    Auction a = auction_usual;
    a.kind = AUCTION_VCG;
    a.capacity = 2;

    Outcome o = hold(&a, &w->all);

    cents(o.bids, 448);
    assert_int_equal(o.winner[0], C);
    assert_int_equal(o.winner[1], B);
    assert_int_equal(o.winner[2], C);
    assert_int_equal(o.winner[3], B);
    cents(o.paid[A], 0);
    cents(o.paid[B], 320);
    cents(o.paid[C], 190);
    cents(o.spend, 510);
    outcome_done(&o);
}

static void vcg_with_capacity_one_gives_c_b_a_and_pays_463(void **state) {
    World *w = *state;
    Auction a = auction_usual;
    a.kind = AUCTION_VCG;
    a.capacity = 1;
    a.fallback = 160 * CVK_CENT;

    Outcome o = hold(&a, &w->complete);

    cents(o.bids, 300);
    assert_int_equal(o.winner[0], C);
    assert_int_equal(o.winner[1], B);
    assert_int_equal(o.winner[2], A);
    cents(o.paid[A], 148);
    cents(o.paid[B], 160);
    cents(o.paid[C], 155);
    cents(o.spend, 463);
    assert_int_equal(o.fallback, 0);
    outcome_done(&o);
}

static void the_uniform_price_is_310_for_one_and_760_for_two(void **state) {
    World *w = *state;
    Auction a = auction_usual;
    a.kind = AUCTION_UNIFORM;

    Outcome one = hold(&a, &w->complete);
    a.winners = 2;
    Outcome two = hold(&a, &w->complete);

    cents(one.spend, 310);
    cents(two.spend, 760);
    outcome_done(&one);
    outcome_done(&two);
}

static void a_score_of_ten_seconds_a_cent_over_forty_is_won_by_a_b_a_b(void **state) {
    World *w = *state;
    Auction a = auction_usual;
    a.kind = AUCTION_SCORE;
    a.lambda = CVK_CENT / 10;
    a.target_ms = 40000;

    Outcome o = hold(&a, &w->all);

    assert_int_equal(o.winner[0], A);
    assert_int_equal(o.winner[1], B);
    assert_int_equal(o.winner[2], A);
    assert_int_equal(o.winner[3], B);
    cents(o.spend, 100 + 115 + 90 + 150);
    outcome_done(&o);
}

/* The scores are 102, 115, 92.5 and 150.5: seen from outside by what a second is worth where it
 * changes the winner. Batch 1: a at 60 s has 100 + 20 l, c at 120 s has 95 + 80 l: equal at l =
 * 1/12 of a cent a second. */
static void a_score_turns_where_the_two_are_equal(void **state) {
    World *w = *state;
    Auction a = auction_usual;
    a.kind = AUCTION_SCORE;
    a.target_ms = 40000;

    a.lambda = 83333;
    Outcome below = hold(&a, &w->all);
    a.lambda = 83334;
    Outcome above = hold(&a, &w->all);

    assert_int_equal(below.winner[0], C);
    assert_int_equal(above.winner[0], A);
    outcome_done(&below);
    outcome_done(&above);
}

static void the_second_score_pays_what_would_have_made_the_scores_equal(void **state) {
    World *w = *state;
    Auction a = auction_usual;
    a.kind = AUCTION_SECOND_SCORE;
    a.lambda = CVK_CENT / 10;
    a.target_ms = 40000;

    Outcome o = hold(&a, &w->all);

    /* Second scores: c 103, a 123, c 95.8, a 205; the winners' own lateness: 2, 0, 2.5, 0.5. */
    assert_true(o.spend == (Sum)(101000000 + 123000000 + 93300000 + 204500000));
    outcome_done(&o);
}

/* One batch of the example alone. With a price of a fourth prover, who takes no time (0: without
 * them). */
static Bids one_batch(uint32_t batch, int64_t rival) {
    CvkErr err;
    Bids b;
    Panel *p = panel_new(&err);
    golden_name(p, PANEL_BATCH, "1");
    golden_name(p, PANEL_ACCELERATION, "");
    for (uint32_t who = 0; who < 4; who++) {
        const char name[2] = {(char)('a' + who), '\0'};
        PanelRow row = {.participant = golden_name(p, PANEL_PARTICIPANT, name),
                        .deployment = golden_name(p, PANEL_DEPLOYMENT, name),
                        .price = rival};
        if (who < 3) {
            row.proving_ms = golden_cells[batch][who].seconds * INT64_C(1000);
            row.cost = golden_cells[batch][who].cost * CVK_CENT;
            row.price = golden_cells[batch][who].price * CVK_CENT;
        }
        if (row.price != 0)
            assert_true(panel_add(p, &row, &err));
    }
    assert_true(bids_make(p, 1, &b, &err));
    panel_free(p);
    return b;
}

static uint32_t winner_of(const Auction *a, uint32_t batch, int64_t rival) {
    Bids b = one_batch(batch, rival);
    Outcome o = hold(a, &b);
    uint32_t winner = o.winner[0];
    outcome_done(&o);
    bids_done(&b);
    return winner;
}

/* Who takes no time has their bid as their score: one micro-cent decides. */
static void the_best_scores_are_102_and_115_and_92_5_and_150_5(void **state) {
    (void)state;
    static const int64_t score[] = {102 * CVK_CENT, 115 * CVK_CENT, 185 * CVK_CENT / 2,
                                    301 * CVK_CENT / 2};
    static const uint32_t winner[] = {A, B, A, B};
    Auction a = auction_usual;
    a.kind = AUCTION_SCORE;
    a.lambda = CVK_CENT / 10;
    a.target_ms = 40000;

    for (uint32_t j = 0; j < 4; j++) {
        assert_int_equal(winner_of(&a, j, score[j] + 1), winner[j]);
        assert_int_equal(winner_of(&a, j, score[j] - 1), 3);
    }
}

static void races_of_the_batches_cost_250_285_275_290(void **state) {
    (void)state;
    static const int64_t race[] = {250, 285, 275, 290};

    for (uint32_t j = 0; j < 4; j++) {
        Bids b = one_batch(j, 0);
        Outcome o = hold(&auction_usual, &b);
        cents(o.race, race[j]);
        outcome_done(&o);
        bids_done(&b);
    }
}

static void a_race_of_all_costs_1100_and_wastes_725(void **state) {
    World *w = *state;

    Outcome o = hold(&auction_usual, &w->all);

    cents(o.race, 1100);
    cents(o.race - o.winner_cost, 725);
    outcome_done(&o);
}

static void who_is_left_out_does_not_race(void **state) {
    World *w = *state;
    Auction a = auction_usual;

    a.deadline_ms = 100000; /* without c */
    Outcome late = hold(&a, &w->all);
    a.deadline_ms = AUCTION_NONE;
    a.reserve = 115 * CVK_CENT; /* a, b, c; b; a, c; nobody */
    Outcome dear = hold(&a, &w->all);

    cents(late.race, 180 + 185 + 205 + 290);
    cents(late.race - late.winner_cost, 860 - 400);
    cents(dear.race, 250 + 95 + 155);
    outcome_done(&late);
    outcome_done(&dear);
}

static void an_offer_that_is_too_low_keeps_nobody_from_racing(void **state) {
    World *w = *state;
    Auction a = auction_usual;
    a.kind = AUCTION_POSTED;
    a.posted = 96 * CVK_CENT;

    Outcome o = hold(&a, &w->all);

    cents(o.race, 250 + 275); /* batches 1 and 3 */
    outcome_done(&o);
}

/* ---- the other rules ---- */

static void a_deadline_leaves_out_who_is_slower(void **state) {
    World *w = *state;
    Auction a = auction_usual;
    a.deadline_ms = 65000;

    Outcome o = hold(&a, &w->all);

    /* a's batch 1 (60 s) and 3 (65 s), b's batch 2 and 4. */
    cents(o.spend, 100 + 115 + 90 + 150);
    a.deadline_ms = 29000;
    Outcome none = hold(&a, &w->all);
    assert_int_equal(none.failed, 4);
    assert_true(isnan(none.hhi) && isnan(none.efficiency));
    outcome_done(&o);
    outcome_done(&none);
}

static void a_rising_offer_is_taken_at_the_tick_that_reaches_the_lowest_bid(void **state) {
    World *w = *state;
    Auction a = auction_usual;
    a.kind = AUCTION_DUTCH;
    a.dutch_from = 90 * CVK_CENT;
    a.dutch_to = 140 * CVK_CENT;
    a.ramp_ms = 50000; /* a cent a second */
    a.tick_ms = 2000;

    Outcome o = hold(&a, &w->all);

    /* 95 is reached after 6 s at 96, 115 after 26 s at 116, 88 at once at 90; 150 never. */
    cents(o.spend, 96 + 116 + 90);
    assert_int_equal(o.wait_ms, 6000 + 26000 + 0);
    assert_int_equal(o.failed, 1);
    outcome_done(&o);
}

static void a_second_price_with_one_bidder_and_no_reserve_has_no_price(void **state) {
    World *w = *state;
    Auction a = auction_usual;
    a.kind = AUCTION_SECOND;
    a.deadline_ms = 32000; /* b's batches 1 and 2 only */

    Outcome without = hold(&a, &w->all);
    a.reserve = 300 * CVK_CENT;
    Outcome with = hold(&a, &w->all);

    assert_int_equal(without.served, 0);
    assert_int_equal(without.failed, 4);
    assert_int_equal(with.served, 2);
    cents(with.spend, 600);
    outcome_done(&without);
    outcome_done(&with);
}

static void bids_above_the_fallback_are_as_if_they_were_not_there(void **state) {
    World *w = *state;
    CvkErr err;
    Auction a = auction_usual;
    Bids b;
    PanelRow row = {.batch = golden_name(w->panel, PANEL_BATCH, "dear"), .price = MONEY_MAX};
    assert_true(panel_add(w->panel, &row, &err));
    assert_true(bids_make(w->panel, 0, &b, &err));
    a.kind = AUCTION_VCG;
    a.capacity = 2;
    a.fallback = 1000 * CVK_CENT;

    Outcome o = hold(&a, &b);

    assert_int_equal(o.fallback, 1);
    cents(o.paid[B], 320);
    cents(o.paid[C], 190);
    outcome_done(&o);
    bids_done(&b);
}

static void vcg_without_a_fallback_has_no_price_for_who_cannot_be_replaced(void **state) {
    World *w = *state;
    Auction a = auction_usual;
    a.kind = AUCTION_VCG;
    a.capacity = 1;

    Outcome o = hold(&a, &w->all); /* four batches, three participants */

    assert_int_equal(o.served, 3);
    assert_int_equal(o.failed, 1);
    assert_true(o.spend == AUCTION_UNDEFINED);
    assert_true(o.paid[A] == AUCTION_UNDEFINED);
    outcome_done(&o);
}

static void presence_is_what_the_others_would_cost_more(void **state) {
    World *w = *state;
    Absence p[3];
    CvkErr err;

    assert_true(auction_absence(&auction_usual, &w->all, p, &err));

    cents(p[A].saved, 0);
    cents(p[B].saved, (120 - 115) + (200 - 150));
    cents(p[C].saved, (100 - 95) + (90 - 88));
    Auction a = auction_usual;
    a.kind = AUCTION_SECOND;
    assert_true(auction_absence(&a, &w->all, p, &err));
    cents(p[A].saved, (110 - 100) + (140 - 120) + (130 - 90));
    assert_int_equal(p[A].lost, 1); /* batch 4 would have one bidder, and no price */
    assert_int_equal(p[B].lost, 1);
    cents(p[B].saved, 140 - 120);
    cents(p[C].saved, (110 - 100) + (130 - 90));
    a.kind = AUCTION_VCG;
    a.capacity = 2;
    assert_true(auction_absence(&a, &w->all, p, &err));
    cents(p[B].saved, 320 - 265);
    cents(p[C].saved, 190 - 183);
}

static void an_offer_above_the_reserve_is_the_reserve(void **state) {
    World *w = *state;
    Auction a = auction_usual;
    a.reserve = 110 * CVK_CENT;
    a.dutch_to = a.posted = 150 * CVK_CENT;
    a.ramp_ms = a.tick_ms = 1000; /* nothing, and then all at once */

    a.kind = AUCTION_POSTED;
    Outcome posted = hold(&a, &w->all);
    a.kind = AUCTION_DUTCH;
    Outcome dutch = hold(&a, &w->all);

    cents(posted.spend, 110 + 110); /* batches 1 and 3 */
    cents(dutch.spend, 110 + 110);
    outcome_done(&posted);
    outcome_done(&dutch);
}

static void the_least_cost_is_of_who_is_admitted(void **state) {
    World *w = *state;
    Auction a = auction_usual;
    a.deadline_ms = 100000; /* without c, who has the least costs */
    a.posted = 105 * CVK_CENT;

    Outcome first = hold(&a, &w->all);
    a.kind = AUCTION_POSTED;
    Outcome posted = hold(&a, &w->all);
    a.deadline_ms = AUCTION_NONE;
    a.choice = POSTED_FASTEST;
    Outcome all = hold(&a, &w->all);

    cents(first.min_cost, 80 + 90 + 85 + 140);
    cents(posted.min_cost, 80 + 85); /* a's */
    cents(all.min_cost, 70 + 70);    /* a wins both, c was there */
    cents(all.winner_cost, 80 + 85);
    outcome_done(&first);
    outcome_done(&posted);
    outcome_done(&all);
}

static void what_is_served_elsewhere_costs_the_fallback(void **state) {
    World *w = *state;
    Auction a = auction_usual;
    a.kind = AUCTION_VCG;
    a.capacity = 1;
    a.fallback = 160 * CVK_CENT;

    Outcome o = hold(&a, &w->all); /* four batches, three participants */

    assert_int_equal(o.fallback, 1);
    cents(o.elsewhere, 160);
    outcome_done(&o);
}

/* Absence agrees with holding the auction again without the participant. */
static bool not_b(const void *ctx, const Bid *b) {
    (void)ctx;
    return b->participant != B;
}

static void presence_agrees_with_an_auction_without_them(void **state) {
    World *w = *state;
    Auction a = auction_usual;
    Absence p[3];
    Bids others;
    CvkErr err;
    a.kind = AUCTION_UNIFORM;
    a.reserve = 150 * CVK_CENT;
    assert_true(bids_filter(&w->complete, not_b, NULL, &others, &err));

    assert_true(auction_absence(&a, &w->complete, p, &err));
    Outcome with = hold(&a, &w->complete), without = hold(&a, &others);

    assert_int_equal(with.served, without.served);
    assert_true(p[B].saved == without.spend - with.spend);
    outcome_done(&with);
    outcome_done(&without);
    bids_done(&others);
}

static void lots_decide_between_equals_and_follow_the_seed(void **state) {
    (void)state;
    CvkErr err;
    Auction vcg = auction_usual;
    size_t wins_a = 0, wins_a_in_vcg = 0;
    vcg.kind = AUCTION_VCG;

    for (uint64_t seed = 0; seed < 200; seed++) {
        Panel *p = panel_new(&err);
        Bids b;
        golden_name(p, PANEL_PARTICIPANT, "a");
        golden_name(p, PANEL_PARTICIPANT, "b");
        golden_name(p, PANEL_BATCH, "1");
        golden_name(p, PANEL_DEPLOYMENT, "x");
        golden_name(p, PANEL_ACCELERATION, "");
        for (uint32_t i = 0; i < 2; i++)
            assert_true(panel_add(p, &(PanelRow){.participant = i, .price = 5}, &err));
        assert_true(bids_make(p, seed, &b, &err));
        Outcome o = hold(&auction_usual, &b), again = hold(&auction_usual, &b);
        Outcome at_once = hold(&vcg, &b);
        wins_a += o.wins[A];
        wins_a_in_vcg += at_once.wins[A];
        assert_int_equal(o.winner[0], again.winner[0]);
        outcome_done(&at_once);
        outcome_done(&o);
        outcome_done(&again);
        bids_done(&b);
        panel_free(p);
    }

    assert_in_range(wins_a, 60, 140);
    assert_in_range(wins_a_in_vcg, 60, 140);
}

static void a_batch_proved_twice_by_one_is_refused(void **state) {
    World *w = *state;
    Bids b;
    CvkErr err;
    assert_true(panel_add(w->panel, &panel_rows(w->panel)[0], &err));

    assert_false(bids_make(w->panel, 0, &b, &err));

    assert_string_equal(err.id, "panel.twice");
}

static void the_largest_prices_add_up(void **state) {
    World *w = *state;
    CvkErr err;
    PanelRow row = {.price = MONEY_MAX, .cost = MONEY_MAX};
    Bids b;
    for (uint32_t i = 0; i < 3; i++) {
        char name[8];
        snprintf(name, sizeof name, "x%u", i);
        row.batch = golden_name(w->panel, PANEL_BATCH, name);
        assert_true(panel_add(w->panel, &row, &err));
    }
    assert_true(bids_make(w->panel, 0, &b, &err));

    Outcome o = hold(&auction_usual, &b);

    assert_true(o.spend == (Sum)MONEY_MAX * 3 + (Sum)448 * CVK_CENT);
    outcome_done(&o);
    bids_done(&b);
}

static void a_rule_that_makes_no_sense_is_refused(void **state) {
    World *w = *state;
    Auction bad[5];
    static const char *const ids[5] = {"auction.winners", "auction.posted", "auction.lambda",
                                       "auction.dutch", "auction.ramp"};
    for (size_t i = 0; i < 5; i++)
        bad[i] = auction_usual;
    bad[0].kind = AUCTION_UNIFORM;
    bad[0].winners = 65;
    bad[1].kind = AUCTION_POSTED;
    bad[2].kind = AUCTION_SCORE;
    bad[3].kind = AUCTION_DUTCH;
    bad[3].dutch_from = 5;
    bad[4].kind = AUCTION_DUTCH;
    bad[4].dutch_to = 5;

    for (size_t i = 0; i < 5; i++) {
        Outcome o;
        CvkErr err;
        assert_false(auction_hold(&bad[i], &w->all, NULL, &o, &err));
        assert_string_equal(err.id, ids[i]);
    }
}

#define IN_WORLD(fn) cmocka_unit_test_setup_teardown(fn, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_WORLD(the_first_price_of_all_is_448),
        IN_WORLD(the_second_price_of_all_is_510_with_a_rent_of_135),
        IN_WORLD(the_complete_panel_has_three_batches),
        IN_WORLD(a_reserve_of_105_sells_two_for_190_and_of_120_three_for_310),
        IN_WORLD(posted_prices_serve_1_2_2_3_4),
        IN_WORLD(vcg_with_capacity_two_gives_c_b_c_b_and_pays_320_and_190),
        IN_WORLD(vcg_with_capacity_one_gives_c_b_a_and_pays_463),
        IN_WORLD(the_uniform_price_is_310_for_one_and_760_for_two),
        IN_WORLD(a_score_of_ten_seconds_a_cent_over_forty_is_won_by_a_b_a_b),
        IN_WORLD(a_score_turns_where_the_two_are_equal),
        IN_WORLD(the_second_score_pays_what_would_have_made_the_scores_equal),
        TEST(the_best_scores_are_102_and_115_and_92_5_and_150_5),
        TEST(races_of_the_batches_cost_250_285_275_290),
        IN_WORLD(a_race_of_all_costs_1100_and_wastes_725),
        IN_WORLD(who_is_left_out_does_not_race),
        IN_WORLD(an_offer_that_is_too_low_keeps_nobody_from_racing),
        IN_WORLD(a_deadline_leaves_out_who_is_slower),
        IN_WORLD(a_rising_offer_is_taken_at_the_tick_that_reaches_the_lowest_bid),
        IN_WORLD(a_second_price_with_one_bidder_and_no_reserve_has_no_price),
        IN_WORLD(bids_above_the_fallback_are_as_if_they_were_not_there),
        IN_WORLD(vcg_without_a_fallback_has_no_price_for_who_cannot_be_replaced),
        IN_WORLD(an_offer_above_the_reserve_is_the_reserve),
        IN_WORLD(the_least_cost_is_of_who_is_admitted),
        IN_WORLD(what_is_served_elsewhere_costs_the_fallback),
        IN_WORLD(presence_is_what_the_others_would_cost_more),
        IN_WORLD(presence_agrees_with_an_auction_without_them),
        IN_WORLD(lots_decide_between_equals_and_follow_the_seed),
        IN_WORLD(a_batch_proved_twice_by_one_is_refused),
        IN_WORLD(the_largest_prices_add_up),
        IN_WORLD(a_rule_that_makes_no_sense_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
