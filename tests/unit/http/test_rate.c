#include "support/test.h"

#include "http/rate.h"

enum { HOURLY, FREE };
static const RateLimit limits[] = {[HOURLY] = {50, 3600000}, [FREE] = {0, 3600000}};

static ConnPeer peer(unsigned number) {
    ConnPeer p = {.v6 = false};
    p.bytes[0] = (uint8_t)(number >> 8);
    p.bytes[1] = (uint8_t)number;
    return p;
}

static RateTable *table(void) {
    CvkErr err;
    RateTable *t = rate_new(limits, 2, 64, &err);
    assert_non_null(t);
    return t;
}

/* How many of `tries` requests pass at this time. */
static unsigned taken(RateTable *t, ConnPeer p, unsigned class_, unsigned tries, int64_t now_ms) {
    unsigned n = 0;
    int64_t wait;
    for (unsigned i = 0; i < tries; i++)
        n += rate_take(t, &p, class_, now_ms, &wait);
    return n;
}

static void a_period_s_requests_may_come_at_once_and_no_more(void **state) {
    (void)state;
    RateTable *t = table();
    assert_int_equal(taken(t, peer(1), HOURLY, 60, 1000), 50);
    assert_int_equal(taken(t, peer(2), HOURLY, 60, 1000), 50);
    rate_free(t);
}

static void the_bucket_refills_evenly(void **state) {
    (void)state;
    RateTable *t = table();
    taken(t, peer(1), HOURLY, 50, 0);
    assert_int_equal(taken(t, peer(1), HOURLY, 5, 71999), 0);
    assert_int_equal(taken(t, peer(1), HOURLY, 5, 72000), 1);
    assert_int_equal(taken(t, peer(1), HOURLY, 60, 100 * 3600000LL), 50);
    rate_free(t);
}

static void the_refused_learn_how_long_to_wait(void **state) {
    (void)state;
    RateTable *t = table();
    ConnPeer p = peer(1);
    int64_t wait;
    taken(t, p, HOURLY, 50, 0);
    assert_false(rate_take(t, &p, HOURLY, 0, &wait));
    assert_true(rate_take(t, &p, HOURLY, wait, &wait));
    rate_free(t);
}

static void a_clock_that_goes_back_gives_nothing(void **state) {
    (void)state;
    RateTable *t = table();
    taken(t, peer(1), HOURLY, 50, 1000000);
    assert_int_equal(taken(t, peer(1), HOURLY, 5, 0), 0);
    rate_free(t);
}

static void a_class_without_limit_is_never_refused(void **state) {
    (void)state;
    RateTable *t = table();
    assert_int_equal(taken(t, peer(1), FREE, 1000, 0), 1000);
    rate_free(t);
}

static void many_addresses_push_out_only_the_oldest(void **state) {
    (void)state;
    RateTable *t = table();
    for (unsigned i = 0; i < 5000; i++)
        assert_int_equal(taken(t, peer(i), HOURLY, 1, i), 1);
    assert_int_equal(taken(t, peer(4999), HOURLY, 60, 5000), 49);
    rate_free(t);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_period_s_requests_may_come_at_once_and_no_more),
        TEST(the_bucket_refills_evenly),
        TEST(the_refused_learn_how_long_to_wait),
        TEST(a_clock_that_goes_back_gives_nothing),
        TEST(a_class_without_limit_is_never_refused),
        TEST(many_addresses_push_out_only_the_oldest),
    };
    return cmocka_run_group_tests_name("http rate", tests, NULL, NULL);
}
