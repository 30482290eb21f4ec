#include "client/retry.h"
#include "support/test.h"

static const RetryPolicy policy = {.first_ms = 1000, .cap_ms = 60000, .give_up_ms = 600000};

static void waits_double_up_to_the_cap(void **state) {
    (void)state;
    assert_int_equal(retry_delay_ms(&policy, 1, UINT32_MAX), 1000);
    assert_int_equal(retry_delay_ms(&policy, 2, UINT32_MAX), 2000);
    assert_int_equal(retry_delay_ms(&policy, 6, UINT32_MAX), 32000);
    assert_int_equal(retry_delay_ms(&policy, 7, UINT32_MAX), 60000);
    assert_int_equal(retry_delay_ms(&policy, 4000000000u, UINT32_MAX), 60000);
}

static void chance_moves_a_wait_within_its_upper_half(void **state) {
    (void)state;
    assert_int_equal(retry_delay_ms(&policy, 2, 0), 1000);
    assert_in_range(retry_delay_ms(&policy, 2, UINT32_MAX / 2), 1400, 1600);
}

static void it_is_over_after_the_time_to_give_up(void **state) {
    (void)state;
    assert_false(retry_is_over(&policy, 5000, 604999));
    assert_true(retry_is_over(&policy, 5000, 605000));
}

static void the_servers_wish_counts_within_reason(void **state) {
    (void)state;
    assert_int_equal(retry_after_ms(-1, 30000), 30000);
    assert_int_equal(retry_after_ms(0, 30000), 1000);
    assert_int_equal(retry_after_ms(2, 30000), 2000);
    assert_int_equal(retry_after_ms(999999, 30000), 3600000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(waits_double_up_to_the_cap),
        TEST(chance_moves_a_wait_within_its_upper_half),
        TEST(it_is_over_after_the_time_to_give_up),
        TEST(the_servers_wish_counts_within_reason),
    };
    return cmocka_run_group_tests_name("client/retry", tests, NULL, NULL);
}
