#include "support/test.h"

#include "http/forwarded.h"

#include "base/limits.h"

#include <arpa/inet.h>

static ProxyList *proxies(const char *text) {
    ProxyList *l;
    CvkErr err;
    assert_true(proxies_parse(text, &l, &err));
    return l;
}

static IpAddress ip(const char *text) {
    IpAddress ret;
    assert_true(ip_parse(text, strlen(text), &ret));
    return ret;
}

static bool holds(const char *list, const char *address) {
    ProxyList *l = proxies(list);
    IpAddress a = ip(address);
    bool found = proxies_hold(l, &a);
    proxies_free(l);
    return found;
}

/* Who asks when `from` brings these header lines (NULL: the line is not there)? As text. */
static const char *client(const char *list, const char *from, const char *first,
                          const char *second) {
    static char text[INET6_ADDRSTRLEN];
    ProxyList *l = list != NULL ? proxies(list) : NULL;
    HttpField fields[4];
    size_t n = 0;
    IpAddress at = ip(from);
    if (first != NULL)
        fields[n++] = (HttpField){"X-Forwarded-For", 15, first, strlen(first), false};
    fields[n++] = (HttpField){"X-Forwarded-Host", 16, "203.0.113.66", 12, false};
    if (second != NULL)
        fields[n++] = (HttpField){"x-forwarded-for", 15, second, strlen(second), false};
    IpAddress who = forwarded_client(l, &at, fields, n);
    proxies_free(l);
    assert_non_null(inet_ntop(who.v6 ? AF_INET6 : AF_INET, who.bytes, text, sizeof text));
    return text;
}

static void a_range_holds_its_addresses_and_no_others(void **state) {
    (void)state;
    assert_true(holds("10.0.0.0/8", "10.255.0.1"));
    assert_false(holds("10.0.0.0/8", "11.0.0.1"));
    assert_true(holds("172.16.0.0/12", "172.31.255.255"));
    assert_false(holds("172.16.0.0/12", "172.32.0.0"));
    assert_true(holds("192.0.2.7", "192.0.2.7"));
    assert_false(holds("192.0.2.7", "192.0.2.6"));
    assert_true(holds("2001:db8::/33", "2001:db8:7fff::1"));
    assert_false(holds("2001:db8::/33", "2001:db8:8000::1"));
    assert_true(holds("10.0.0.1 ,\t::1", "::1"));
    assert_true(holds("::ffff:192.0.2.7", "192.0.2.7"));
}

static void a_range_of_one_family_holds_none_of_the_other(void **state) {
    (void)state;
    assert_false(holds("8000::/1", "192.0.2.7"));
    assert_false(holds("128.0.0.0/1", "c000::"));
}

static void a_list_that_is_wrong_says_where(void **state) {
    (void)state;
    static const struct {
        const char *text, *says;
    } bad[] = {
        {"", "'' is not an IP address"},
        {"10.0.0.1,", "'' is not an IP address"},
        {"10.0.0.1,,10.0.0.2", "'' is not an IP address"},
        {"proxy.example.org", "'proxy.example.org' is not an IP address"},
        {"10.0.0.0/33", "not from 1 to 32"},
        {"10.0.0.0/", "not from 1 to 32"},
        {"10.0.0.0/-1", "not from 1 to 32"},
        {"10.0.0.0/0008", "not from 1 to 32"},
        {"2001:db8::/129", "not from 1 to 128"},
        {"0.0.0.0/0", "would trust everybody"},
        {"::/0", "would trust everybody"},
        {"10.0.0.1/8", "has address bits behind its length"},
        {"10.0.0.1 10.0.0.2", "'10.0.0.1' is followed by something other than a comma"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        ProxyList *l;
        CvkErr err;
        assert_false(proxies_parse(bad[i].text, &l, &err));
        assert_string_equal(err.id, "http.proxies");
        if (strstr(err.msg, bad[i].says) == NULL)
            fail_msg("%s: %s", bad[i].text, err.msg);
    }
}

static void a_list_has_an_end(void **state) {
    (void)state;
    char text[9 * (LIMIT_PROXIES + 1) + 1];
    for (size_t i = 0; i <= LIMIT_PROXIES; i++)
        memcpy(text + 9 * i, "10.1.1.1,", 9);
    ProxyList *l;
    CvkErr err;

    text[9 * (LIMIT_PROXIES + 1) - 1] = '\0';
    assert_false(proxies_parse(text, &l, &err));
    assert_non_null(strstr(err.msg, "is one too many"));

    text[9 * LIMIT_PROXIES - 1] = '\0';
    proxies_free(proxies(text));
}

static void nobody_untrusted_is_believed(void **state) {
    (void)state;
    assert_string_equal(client(NULL, "192.0.2.1", "203.0.113.9", NULL), "192.0.2.1");
    assert_string_equal(client("10.0.0.0/8", "192.0.2.1", "203.0.113.9", NULL), "192.0.2.1");
    assert_string_equal(client("10.0.0.0/8", "127.0.0.1", "203.0.113.9", NULL), "127.0.0.1");
}

static void the_client_is_who_asked_the_trusted_proxy(void **state) {
    (void)state;
    assert_string_equal(client("10.0.0.1", "10.0.0.1", "203.0.113.9", NULL), "203.0.113.9");
    assert_string_equal(client("10.0.0.1", "::ffff:10.0.0.1", "2001:db8::9", NULL), "2001:db8::9");
    assert_string_equal(client("10.0.0.1", "10.0.0.1", "::ffff:203.0.113.9", NULL), "203.0.113.9");
}

static void what_the_client_invented_is_not_believed(void **state) {
    (void)state;
    assert_string_equal(client("10.0.0.1", "10.0.0.1", "127.0.0.1, 10.0.0.1, 203.0.113.9", NULL),
                        "203.0.113.9");
    assert_string_equal(client("10.0.0.1", "10.0.0.1", "127.0.0.1", "203.0.113.9"), "203.0.113.9");
    assert_string_equal(client("10.0.0.1", "10.0.0.1", "x' OR 1=1,, \t,203.0.113.9", NULL),
                        "203.0.113.9");
}

static void a_chain_of_trusted_proxies_is_followed_over_several_lines(void **state) {
    (void)state;
    assert_string_equal(
        client("10.0.0.0/8", "10.0.0.1", "192.0.2.66,203.0.113.9 ,10.0.0.3", "10.0.0.2"),
        "203.0.113.9");
    assert_string_equal(client("10.0.0.0/8", "10.0.0.1", "10.0.0.3", "10.0.0.2"), "10.0.0.3");
}

static void where_an_entry_is_no_address_the_nearest_known_hop_counts(void **state) {
    (void)state;
    static const char *const bad[] = {"unknown",       "203.0.113.9,",       "203.0.113.9,,",
                                      "203.0.113",     "203.0.113.9:",       "203.0.113.9:8x",
                                      "[203.0.113.9]", "[2001:db8::1",       "[2001:db8::1]80",
                                      "2001:db8::1]",  "203.0.113.9:123456", ""};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_string_equal(client("10.0.0.0/8", "10.0.0.1", bad[i], "10.0.0.2"), "10.0.0.2");
}

static void a_port_behind_an_address_is_left_out(void **state) {
    (void)state;
    assert_string_equal(client("10.0.0.1", "10.0.0.1", "203.0.113.9:4711", NULL), "203.0.113.9");
    assert_string_equal(client("10.0.0.1", "10.0.0.1", "[2001:db8::9]:80", NULL), "2001:db8::9");
    assert_string_equal(client("10.0.0.1", "10.0.0.1", "[2001:db8::9]", NULL), "2001:db8::9");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_range_holds_its_addresses_and_no_others),
        TEST(a_range_of_one_family_holds_none_of_the_other),
        TEST(a_list_that_is_wrong_says_where),
        TEST(a_list_has_an_end),
        TEST(nobody_untrusted_is_believed),
        TEST(the_client_is_who_asked_the_trusted_proxy),
        TEST(what_the_client_invented_is_not_believed),
        TEST(a_chain_of_trusted_proxies_is_followed_over_several_lines),
        TEST(where_an_entry_is_no_address_the_nearest_known_hop_counts),
        TEST(a_port_behind_an_address_is_left_out),
    };
    return cmocka_run_group_tests_name("http forwarded", tests, NULL, NULL);
}
