#include "support/test.h"

#include "http/conn.h"

#include <arpa/inet.h>
#include <netinet/in.h>

static const ConnLimits limits = {.head_ms = 1000,
                                  .upload_ms = 10000,
                                  .discard_ms = 5000,
                                  .send_ms = 20000,
                                  .stall_ms = 3000,
                                  .window_ms = 2000,
                                  .bytes_per_second = 100};

static void a_connection_without_a_request_is_overdue_after_its_time(void **state) {
    (void)state;
    ConnProgress p = {.phase = CONN_WAITING, .since_ms = 0};
    assert_null(conn_overdue(&p, &limits, 1000));
    assert_non_null(conn_overdue(&p, &limits, 1001));
}

static void a_slow_upload_is_overdue_at_the_end_of_its_window(void **state) {
    (void)state;
    ConnProgress p = {.phase = CONN_BODY, .window_n = 199};
    assert_null(conn_overdue(&p, &limits, 1999));
    assert_non_null(conn_overdue(&p, &limits, 2000));
}

static void an_upload_that_is_fast_enough_starts_a_new_window(void **state) {
    (void)state;
    ConnProgress p = {.phase = CONN_BODY, .window_n = 200};
    assert_null(conn_overdue(&p, &limits, 2000));
    assert_int_equal(p.window_at, 2000);
    assert_int_equal(p.window_n, 0);
    assert_non_null(conn_overdue(&p, &limits, 4000));
}

static void a_fast_upload_still_has_an_end(void **state) {
    (void)state;
    ConnProgress p = {.phase = CONN_BODY, .window_at = 10000, .window_n = 1u << 30};
    assert_null(conn_overdue(&p, &limits, 10000));
    assert_non_null(conn_overdue(&p, &limits, 10001));
}

static void an_unwanted_body_has_less_time(void **state) {
    (void)state;
    ConnProgress p = {.phase = CONN_DISCARDING, .window_at = 5000, .window_n = 1u << 30};
    assert_null(conn_overdue(&p, &limits, 5000));
    assert_non_null(conn_overdue(&p, &limits, 5001));
}

static void a_job_is_never_overdue(void **state) {
    (void)state;
    ConnProgress p = {.phase = CONN_WORKING};
    assert_null(conn_overdue(&p, &limits, INT64_MAX));
}

static void a_stream_is_overdue_when_its_client_takes_nothing(void **state) {
    (void)state;
    ConnProgress p = {.phase = CONN_STREAMING};
    assert_null(conn_overdue(&p, &limits, 3000));
    assert_non_null(conn_overdue(&p, &limits, 3001));
}

static void a_stream_with_nothing_to_say_is_never_overdue(void **state) {
    (void)state;
    ConnProgress p = {.phase = CONN_STREAM_ASLEEP};
    assert_null(conn_overdue(&p, &limits, INT64_MAX));
}

static ConnPeer peer(const char *text) {
    struct sockaddr_in in = {.sin_family = AF_INET};
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
    if (inet_pton(AF_INET, text, &in.sin_addr) == 1)
        return conn_peer((const struct sockaddr *)&in);
    assert_int_equal(inet_pton(AF_INET6, text, &in6.sin6_addr), 1);
    return conn_peer((const struct sockaddr *)&in6);
}

static void this_machine_is_known_by_all_its_addresses(void **state) {
    (void)state;
    assert_true(peer("127.0.0.1").loopback);
    assert_true(peer("127.9.9.9").loopback);
    assert_true(peer("::1").loopback);
    assert_true(peer("::ffff:127.0.0.1").loopback);
    assert_false(peer("192.0.2.1").loopback);
    assert_false(peer("2001:db8::1").loopback);
}

static void an_ipv6_network_counts_as_one_peer(void **state) {
    (void)state;
    ConnPeer a = peer("2001:db8:1:2::1"), b = peer("2001:db8:1:2:ffff::9"),
             c = peer("2001:db8:1:3::1");
    assert_memory_equal(a.bytes, b.bytes, sizeof a.bytes);
    assert_memory_not_equal(a.bytes, c.bytes, sizeof a.bytes);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_connection_without_a_request_is_overdue_after_its_time),
        TEST(a_slow_upload_is_overdue_at_the_end_of_its_window),
        TEST(an_upload_that_is_fast_enough_starts_a_new_window),
        TEST(a_fast_upload_still_has_an_end),
        TEST(an_unwanted_body_has_less_time),
        TEST(a_job_is_never_overdue),
        TEST(a_stream_is_overdue_when_its_client_takes_nothing),
        TEST(a_stream_with_nothing_to_say_is_never_overdue),
        TEST(this_machine_is_known_by_all_its_addresses),
        TEST(an_ipv6_network_counts_as_one_peer),
    };
    return cmocka_run_group_tests_name("http conn", tests, NULL, NULL);
}
