#include "auth/redirect.h"
#include "support/test.h"

static void redirects_to_loopback_hosts_are_allowed(void **state) {
    (void)state;
    assert_true(auth_redirect_allowed("http://localhost:3000/auth_callback", ""));
    assert_true(auth_redirect_allowed("http://127.0.0.1/x?y=z", ""));
    assert_true(auth_redirect_allowed("http://[::1]:80", ""));
    assert_true(auth_redirect_allowed("https://localhost", ""));
}

static void redirects_elsewhere_need_the_operators_word(void **state) {
    (void)state;
    const char *list = "https://a.example,https://b.example:8443";
    assert_true(auth_redirect_allowed("https://a.example/path", list));
    assert_true(auth_redirect_allowed("https://b.example:8443", list));
    assert_false(auth_redirect_allowed("https://a.example", ""));
    assert_false(auth_redirect_allowed("http://a.example/path", list));
    assert_false(auth_redirect_allowed("https://b.example/", list));
    assert_false(auth_redirect_allowed("https://a.example.evil.example/", list));
}

static void addresses_that_only_look_like_loopback_are_refused(void **state) {
    (void)state;
    assert_false(auth_redirect_allowed("http://localhost.evil.example/", ""));
    assert_false(auth_redirect_allowed("http://localhost@evil.example/", ""));
    assert_false(auth_redirect_allowed("http://localhost:80@evil.example/", ""));
    assert_false(auth_redirect_allowed("http://localhost\\.evil.example/", ""));
    assert_false(auth_redirect_allowed("http://127.0.0.1evil.example/", ""));
    assert_false(auth_redirect_allowed("javascript:alert(1)", ""));
    assert_false(auth_redirect_allowed("//localhost/", ""));
    assert_false(auth_redirect_allowed("", ""));
    assert_false(auth_redirect_allowed("http://", ""));
    assert_false(auth_redirect_allowed("http://localhost/\r\nSet-Cookie: x", ""));
}

static void tricks_with_addresses_do_not_make_a_loopback(void **state) {
    (void)state;
    static const char *const bad[] = {
        "http://localhost@evil.example",
        "http://localhost:80@evil.example",
        "http://localhost%40evil.example",
        "http://evil.example@localhost",
        "http://127.0.0.1.evil.example",
        "http://127.0.0.1%2eevil.example",
        "http://localhost\\@evil.example",
        "http:\\\\evil.example",
        "http://evil.example\\localhost",
        "http:/\tlocalhost",
        "http://\tlocalhost",
        "http://localhost\t.evil.example",
        "http://local\nhost",
        " http://localhost",
        "http:localhost",
        "http:///localhost",
        "http:////localhost",
        "http://localhost:80:90",
        "http://localhost:",
        "http://localhost:x",
        "http://localhost:123456",
        "http://localhost:80evil.example",
        "http://localhost,evil.example",
        "http://localhost;evil.example",
        "http://[::1].evil.example",
        "http://[::1]evil.example:80",
        "http://[::1%25eth0]",
        "http://[::ffff:127.0.0.1]",
        "http://[0:0:0:0:0:0:0:1]",
        "http://[::2]",
        "http://::1",
        "http://0x7f.1",
        "http://2130706433",
        "http://127.1",
        "http://0",
        "http://localhost.",
        "file://localhost/etc",
        "javascript://localhost/%0aalert(1)",
        "http://localhost/\x7f",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (auth_redirect_allowed(bad[i], ""))
            fail_msg("'%s' passes", bad[i]);
}

static void a_host_is_the_same_in_capitals_and_with_its_schemes_own_port(void **state) {
    (void)state;
    const char *list = "https://a.example,http://b.example:8080,https://C.example:443";
    assert_true(auth_redirect_allowed("http://LocalHost:3000/x", ""));
    assert_true(auth_redirect_allowed("https://A.example:443/x", list));
    assert_true(auth_redirect_allowed("https://c.example/x", list));
    assert_true(auth_redirect_allowed("http://B.EXAMPLE:8080", list));
    assert_false(auth_redirect_allowed("https://a.example:80", list));
    assert_false(auth_redirect_allowed("http://a.example:443", list));
    assert_false(auth_redirect_allowed("http://b.example", list));
    assert_false(auth_redirect_allowed("https://a.example,http://b.example:8080", list));
}

static bool are_origins(const char *list) {
    CvkErr err = {.id = "redirect.origin"};
    bool ok = auth_redirects_check(list, &err);
    assert_string_equal(err.id, "redirect.origin");
    return ok;
}

static void a_list_of_origins_holds_nothing_else(void **state) {
    (void)state;
    assert_true(are_origins(""));
    assert_true(are_origins("https://a.example"));
    assert_true(are_origins("https://a.example:8443,http://[::1]:3000,http://b"));
    assert_false(are_origins("a.example"));
    assert_false(are_origins("https://a.example/"));
    assert_false(are_origins("https://a.example/path"));
    assert_false(are_origins("http://a.example?x"));
    assert_false(are_origins("https://a.example, https://b.example"));
    assert_false(are_origins("https://a.example,,https://b.example"));
    assert_false(are_origins("https://a.example,*"));
    assert_false(are_origins("https://*.example"));
    assert_false(are_origins("https://me@a.example"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(redirects_to_loopback_hosts_are_allowed),
        TEST(redirects_elsewhere_need_the_operators_word),
        TEST(addresses_that_only_look_like_loopback_are_refused),
        TEST(tricks_with_addresses_do_not_make_a_loopback),
        TEST(a_host_is_the_same_in_capitals_and_with_its_schemes_own_port),
        TEST(a_list_of_origins_holds_nothing_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
