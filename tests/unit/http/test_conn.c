#include "support/test.h"

#include "http/conn.h"

static const ConnLimits limits = {.head_ms = 1000,
                                  .upload_ms = 10000,
                                  .discard_ms = 5000,
                                  .send_ms = 20000,
                                  .stall_ms = 3000,
                                  .crowd_head_ms = 500,
                                  .window_ms = 2000,
                                  .bytes_per_second = 100};

static void a_connection_without_a_request_is_overdue_after_its_time(void **state) {
    (void)state;
    ConnProgress p = {.phase = CONN_WAITING, .since_ms = 0};
    assert_null(conn_overdue(&p, &limits, false, 1000));
    assert_non_null(conn_overdue(&p, &limits, false, 1001));
}

static void a_slow_upload_is_overdue_at_the_end_of_its_window(void **state) {
    (void)state;
    ConnProgress p = {.phase = CONN_BODY, .window_n = 199};
    assert_null(conn_overdue(&p, &limits, false, 1999));
    assert_non_null(conn_overdue(&p, &limits, false, 2000));
}

static void an_upload_that_is_fast_enough_starts_a_new_window(void **state) {
    (void)state;
    ConnProgress p = {.phase = CONN_BODY, .window_n = 200};
    assert_null(conn_overdue(&p, &limits, false, 2000));
    assert_int_equal(p.window_at, 2000);
    assert_int_equal(p.window_n, 0);
    assert_non_null(conn_overdue(&p, &limits, false, 4000));
}

static void a_fast_upload_still_has_an_end(void **state) {
    (void)state;
    ConnProgress p = {.phase = CONN_BODY, .window_at = 10000, .window_n = 1u << 30};
    assert_null(conn_overdue(&p, &limits, false, 10000));
    assert_non_null(conn_overdue(&p, &limits, false, 10001));
}

static void an_unwanted_body_has_less_time(void **state) {
    (void)state;
    ConnProgress p = {.phase = CONN_DISCARDING, .window_at = 5000, .window_n = 1u << 30};
    assert_null(conn_overdue(&p, &limits, false, 5000));
    assert_non_null(conn_overdue(&p, &limits, false, 5001));
}

static void a_job_is_never_overdue(void **state) {
    (void)state;
    ConnProgress p = {.phase = CONN_WORKING};
    assert_null(conn_overdue(&p, &limits, false, INT64_MAX));
}

static void a_stream_is_overdue_when_its_client_takes_nothing(void **state) {
    (void)state;
    ConnProgress p = {.phase = CONN_STREAMING};
    assert_null(conn_overdue(&p, &limits, false, 3000));
    assert_non_null(conn_overdue(&p, &limits, false, 3001));
}

static void a_stream_with_nothing_to_say_is_never_overdue(void **state) {
    (void)state;
    ConnProgress p = {.phase = CONN_STREAM_ASLEEP};
    assert_null(conn_overdue(&p, &limits, false, INT64_MAX));
}

static void in_a_crowd_silence_ends_sooner(void **state) {
    (void)state;
    ConnProgress waiting = {.phase = CONN_WAITING}, sending = {.phase = CONN_SENDING};
    assert_null(conn_overdue(&waiting, &limits, true, 500));
    assert_non_null(conn_overdue(&waiting, &limits, true, 501));
    assert_null(conn_overdue(&sending, &limits, true, 501));
}

/* ---- the table; descriptors are never touched here, as nothing gets overdue ---- */

static ConnTable *table(void) {
    static const ConnLimits patient = {.head_ms = INT64_MAX,
                                       .connections = 10,
                                       .per_peer = 2,
                                       .crowd = 3,
                                       .crowd_head_ms = INT64_MAX};
    ConnTable *t = conn_table_new(&patient, NULL);
    assert_non_null(t);
    return t;
}

static IpAddress ip(const char *text) {
    IpAddress ret;
    assert_true(ip_parse(text, strlen(text), &ret));
    return ret;
}

static Conn *add(ConnTable *t, const char *address) {
    IpAddress from = ip(address);
    Conn *c = conn_add(t, -1, &from);
    assert_non_null(c);
    return c;
}

static bool admits(ConnTable *t, const char *address) {
    IpAddress from = ip(address);
    return conn_admits(t, &from);
}

static void a_peer_has_so_many_connections_and_its_neighbour_as_many(void **state) {
    (void)state;
    ConnTable *t = table();
    Conn *a = add(t, "2001:db8::1"), *b = add(t, "2001:db8::2");

    assert_false(admits(t, "2001:db8::3"));
    assert_true(admits(t, "2001:db8:0:1::3"));

    conn_remove(t, a);
    assert_true(admits(t, "2001:db8::3"));
    conn_remove(t, b);
    conn_table_free(t);
}

static void this_machine_has_as_many_as_it_likes(void **state) {
    (void)state;
    ConnTable *t = table();
    Conn *all[5];
    for (size_t i = 0; i < 5; i++)
        all[i] = add(t, "127.0.0.1");

    assert_true(admits(t, "127.0.0.1"));

    for (size_t i = 0; i < 5; i++)
        conn_remove(t, all[i]);
    conn_table_free(t);
}

static void connections_are_counted_by_phase(void **state) {
    (void)state;
    ConnTable *t = table();
    Conn *a = add(t, "192.0.2.1"), *b = add(t, "192.0.2.2");
    size_t n[CONN_PHASES];
    uint64_t cut;

    conn_enter(t, a, CONN_WORKING);
    conn_count(t, n, &cut);
    assert_int_equal(n[CONN_WORKING], 1);
    assert_int_equal(n[CONN_WAITING], 1);
    assert_false(conn_wait_idle(t, 0));

    conn_remove(t, a);
    conn_count(t, n, &cut);
    assert_int_equal(n[CONN_WORKING], 0);
    assert_int_equal(n[CONN_WAITING], 1);
    assert_true(conn_wait_idle(t, 0));
    conn_remove(t, b);
    conn_table_free(t);
}

static void a_crowd_begins_at_its_number(void **state) {
    (void)state;
    ConnTable *t = table();
    Conn *a = add(t, "192.0.2.1"), *b = add(t, "192.0.2.2");
    assert_false(conn_crowded(t));
    Conn *c = add(t, "192.0.2.3");
    assert_true(conn_crowded(t));
    conn_remove(t, b);
    assert_false(conn_crowded(t));
    conn_remove(t, a);
    conn_remove(t, c);
    conn_table_free(t);
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
        TEST(in_a_crowd_silence_ends_sooner),
        TEST(a_peer_has_so_many_connections_and_its_neighbour_as_many),
        TEST(this_machine_has_as_many_as_it_likes),
        TEST(connections_are_counted_by_phase),
        TEST(a_crowd_begins_at_its_number),
    };
    return cmocka_run_group_tests_name("http conn", tests, NULL, NULL);
}
