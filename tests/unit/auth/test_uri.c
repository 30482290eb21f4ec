#include "auth/uri.h"
#include "support/test.h"

static bool valid(const char *s) {
    return uri_is_valid(s, strlen(s));
}

static bool authority(const char *s) {
    return uri_is_authority(s, strlen(s));
}

static void addresses_of_every_shape_are_valid(void **state) {
    (void)state;
    assert_true(valid("https://a.example"));
    assert_true(valid("https://user:pw@a.example:8443/b/c?d=e&f#g/h?i"));
    assert_true(valid("http://[::1]:3000/"));
    assert_true(valid("http://[::ffff:192.0.2.1]/x"));
    assert_true(valid("http://[v1.fe:8]/x"));
    assert_true(valid("ipfs://bafybeiemxf5abjwjbikoz4mc3a3dla6ual3jsgpdr4cjr3oz3evfyavhwq/"));
    assert_true(valid("did:key:z6Mk"));
    assert_true(valid("urn:a%20b"));
    assert_true(valid("file:///etc"));
    assert_true(valid("x:"));
}

static void what_breaks_the_grammar_is_no_address(void **state) {
    (void)state;
    assert_false(valid(""));
    assert_false(valid("a.example"));
    assert_false(valid("//a.example"));
    assert_false(valid("1http://a.example"));
    assert_false(valid("http://a b"));
    assert_false(valid("http://a\\b"));
    assert_false(valid("http://a.example/%"));
    assert_false(valid("http://a.example/%2"));
    assert_false(valid("http://a.example/%zz"));
    assert_false(valid("http://a.example/\n"));
    assert_false(valid("http://a.example/#b#c"));
    assert_false(valid("http://a.example/\xc3\xa9"));
    assert_false(valid("http://a.example:port/"));
    assert_false(valid("http://[::1/"));
    assert_false(valid("http://[]/"));
    assert_false(valid("http://[1.2.3.4]/"));
    assert_false(valid("http://[::1]x/"));
    assert_false(valid("http://[v.a]/"));
    assert_false(valid("http://a[::1]/"));
    assert_false(uri_is_valid("http://a\0b", 10));
}

static void an_authority_is_a_host_with_what_may_stand_around_it(void **state) {
    (void)state;
    assert_true(authority("a.example"));
    assert_true(authority("a.example:8443"));
    assert_true(authority("u@a.example"));
    assert_true(authority("[::1]:80"));
    assert_true(authority("127.0.0.1:"));
    assert_false(authority(""));
    assert_false(authority("a/b"));
    assert_false(authority("a b"));
    assert_false(authority("a@b@c"));
    assert_false(authority("a:b"));
    assert_false(authority("[::1"));
}

static void a_scheme_begins_with_a_letter(void **state) {
    (void)state;
    assert_true(uri_is_scheme("https", 5));
    assert_true(uri_is_scheme("a+b-c.1", 7));
    assert_false(uri_is_scheme("", 0));
    assert_false(uri_is_scheme("1a", 2));
    assert_false(uri_is_scheme("a b", 3));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(addresses_of_every_shape_are_valid),
        TEST(what_breaks_the_grammar_is_no_address),
        TEST(an_authority_is_a_host_with_what_may_stand_around_it),
        TEST(a_scheme_begins_with_a_letter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
