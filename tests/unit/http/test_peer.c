#include "support/test.h"

#include "http/peer.h"

#include <arpa/inet.h>
#include <netinet/in.h>

static IpAddress parsed(const char *text) {
    IpAddress ip;
    assert_true(ip_parse(text, strlen(text), &ip));
    return ip;
}

static ConnPeer peer(const char *text) {
    IpAddress ip = parsed(text);
    return ip_peer(&ip);
}

static void this_machine_is_known_by_all_its_addresses(void **state) {
    (void)state;
    assert_true(peer("127.0.0.1").loopback);
    assert_true(peer("127.9.9.9").loopback);
    assert_true(peer("::1").loopback);
    assert_true(peer("::ffff:127.0.0.1").loopback);
    assert_false(peer("192.0.2.1").loopback);
    assert_false(peer("2001:db8::1").loopback);
    assert_false(peer("7f00::1").loopback);
}

static void an_ipv6_network_counts_as_one_peer(void **state) {
    (void)state;
    ConnPeer a = peer("2001:db8:1:2::1"), b = peer("2001:db8:1:2:ffff::9"),
             c = peer("2001:db8:1:3::1");
    assert_true(peer_same(&a, &b));
    assert_int_equal(peer_hash(&a, 7), peer_hash(&b, 7));
    assert_false(peer_same(&a, &c));
}

static void an_ipv4_address_mapped_into_ipv6_is_itself(void **state) {
    (void)state;
    ConnPeer a = peer("192.0.2.7"), b = peer("::ffff:192.0.2.7"), c = peer("c000:207::");
    assert_true(peer_same(&a, &b));
    assert_false(peer_same(&a, &c));
}

static void a_peer_is_told_as_what_it_counts_as(void **state) {
    (void)state;
    static const char *const cases[][2] = {{"192.0.2.7", "192.0.2.7"},
                                           {"::ffff:192.0.2.7", "192.0.2.7"},
                                           {"2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"},
                                           {"127.0.0.1", "127.0.0.1"},
                                           {"::1", "::1"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[PEER_TEXT];
        ConnPeer p = peer(cases[i][0]);
        peer_text(&p, text);
        assert_string_equal(text, cases[i][1]);
    }
}

static void a_socket_has_the_address_that_its_text_says(void **state) {
    (void)state;
    struct sockaddr_in in = {.sin_family = AF_INET};
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
    assert_int_equal(inet_pton(AF_INET, "192.0.2.7", &in.sin_addr), 1);
    assert_int_equal(inet_pton(AF_INET6, "::ffff:192.0.2.7", &in6.sin6_addr), 1);

    IpAddress a = ip_from_socket((const struct sockaddr *)&in),
              b = ip_from_socket((const struct sockaddr *)&in6), want = parsed("192.0.2.7");

    assert_memory_equal(a.bytes, want.bytes, sizeof want.bytes);
    assert_memory_equal(b.bytes, want.bytes, sizeof want.bytes);
    assert_false(a.v6 || b.v6);
}

static void what_is_no_address_is_not_read_as_one(void **state) {
    (void)state;
    static const char *const bad[] = {"",
                                      "192.0.2",
                                      "192.0.2.256",
                                      "192.0.2.1:80",
                                      "[2001:db8::1]",
                                      "2001:db8::1%eth0",
                                      "unknown",
                                      " 192.0.2.1",
                                      "1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb"};
    IpAddress ip;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(ip_parse(bad[i], strlen(bad[i]), &ip));
    assert_false(ip_parse("192.0.2.1\0 ", 11, &ip));
}

static bool is_at(const char *host, const char *address, uint16_t port) {
    IpAddress ip = parsed(address);
    return host_is_address(host, &ip, port);
}

static void a_host_is_the_address_that_it_names(void **state) {
    (void)state;
    assert_true(is_at("192.0.2.7:3000", "192.0.2.7", 3000));
    assert_true(is_at("[2001:db8::7]:3000", "2001:db8::7", 3000));
    assert_true(is_at("192.0.2.7", "192.0.2.7", 80));
    assert_true(is_at("[2001:db8:0::7]", "2001:db8::7", 443));
    assert_false(is_at("192.0.2.8:3000", "192.0.2.7", 3000));
    assert_false(is_at("[2001:db8::8]:3000", "2001:db8::7", 3000));
    assert_false(is_at("192.0.2.7:3001", "192.0.2.7", 3000));
    assert_false(is_at("192.0.2.7", "192.0.2.7", 3000));
}

static void on_this_machine_localhost_is_an_address_and_ports_are_any(void **state) {
    (void)state;
    assert_true(is_at("localhost", "127.0.0.1", 3000));
    assert_true(is_at("LocalHost:8080", "::1", 3000));
    assert_true(is_at("127.0.0.1:8080", "127.0.0.1", 3000));
    assert_true(is_at("[::1]", "::1", 3000));
    assert_false(is_at("localhost", "192.0.2.7", 80));
    assert_false(is_at("127.0.0.1", "192.0.2.7", 80));
}

static void a_host_that_is_a_name_or_malformed_is_no_address(void **state) {
    (void)state;
    static const char *const bad[] = {"",
                                      "evil.example",
                                      "127.0.0.1.evil.example",
                                      "localhost.evil.example",
                                      "[::1",
                                      "[::1]x",
                                      "127.0.0.1:",
                                      "127.0.0.1:80:80",
                                      "localhost:",
                                      "[localhost]",
                                      "127.0.0.1:x",
                                      "localhost:123456",
                                      ":80",
                                      "127.0.0.1:80@x",
                                      "[]",
                                      "[127.0.0.1]:80]",
                                      "[",
                                      "2001:db8::7:3000",
                                      "0.0.0.0:80",
                                      "127.1"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(is_at(bad[i], "127.0.0.1", 80));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(this_machine_is_known_by_all_its_addresses),
        TEST(an_ipv6_network_counts_as_one_peer),
        TEST(an_ipv4_address_mapped_into_ipv6_is_itself),
        TEST(a_peer_is_told_as_what_it_counts_as),
        TEST(a_socket_has_the_address_that_its_text_says),
        TEST(what_is_no_address_is_not_read_as_one),
        TEST(a_host_is_the_address_that_it_names),
        TEST(on_this_machine_localhost_is_an_address_and_ports_are_any),
        TEST(a_host_that_is_a_name_or_malformed_is_no_address),
    };
    return cmocka_run_group_tests_name("http peer", tests, NULL, NULL);
}
