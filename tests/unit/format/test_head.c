#include "format/head.h"
#include "support/test.h"

static const uint8_t SECRET[ETH_SECRET_BYTES] = {[31] = 7};

/* What is signed for some_head(). */
#define ROOT "0xabababababababababababababababababababababababababababababababab"
static const char TEXT[] =
    "{\"convoke_head\":1,\"ceremony\":\"small\",\"entries\":12,\"root\":\"" ROOT "\"}";

static SignedHead some_head(void) {
    SignedHead h = {.head = {.ceremony = "small", .entries = 12}};
    memset(h.head.root, 0xab, sizeof h.head.root);
    assert_true(head_sign(&h.head, SECRET, h.signature, NULL));
    return h;
}

static char *written(const SignedHead *h) {
    CvkBuf b = CVK_BUF(HEAD_MAX);
    assert_true(head_write(h, &b, NULL));
    return cvk_buf_take(&b);
}

static void a_head_comes_back_with_its_signer(void **state) {
    (void)state;
    SignedHead h = some_head(), back;
    uint8_t expected[ETH_ADDRESS_BYTES], found[ETH_ADDRESS_BYTES];
    char *text = written(&h);

    assert_true(head_read(text, strlen(text), &back, NULL));

    assert_string_equal(back.head.ceremony, "small");
    assert_int_equal(back.head.entries, 12);
    assert_memory_equal(back.head.root, h.head.root, MERKLE_HASH);
    assert_true(eth_key_address(SECRET, expected, NULL));
    assert_true(head_signer(&back, found));
    assert_memory_equal(found, expected, sizeof found);
    free(text);
}

static void the_signature_is_over_the_text_as_it_is_documented(void **state) {
    (void)state;
    SignedHead h = some_head();
    uint8_t digest[32], expected[ETH_ADDRESS_BYTES], found[ETH_ADDRESS_BYTES];
    assert_true(eth_key_address(SECRET, expected, NULL));

    eth_personal_digest(TEXT, strlen(TEXT), digest);

    assert_true(eth_recover(digest, h.signature, found));
    assert_memory_equal(found, expected, sizeof found);
}

static void the_delivered_form_holds_the_text_as_a_string(void **state) {
    (void)state;
    SignedHead h = some_head();
    memset(h.signature, 0x1b, sizeof h.signature);
    char *text = written(&h);
    const char *start = "{\"head\":\"{\\\"convoke_head\\\":1,\\\"ceremony\\\":\\\"small\\\","
                        "\\\"entries\\\":12,\\\"root\\\":\\\"" ROOT "\\\"}\","
                        "\"signature\":\"1b1b";

    assert_memory_equal(text, start, strlen(start));

    assert_int_equal(strlen(text), strlen(start) - 4 + 130 + 2);
    free(text);
}

static void every_part_of_a_head_is_signed(void **state) {
    (void)state;
    uint8_t expected[ETH_ADDRESS_BYTES], found[ETH_ADDRESS_BYTES];
    assert_true(eth_key_address(SECRET, expected, NULL));

    for (int part = 0; part < 3; part++) {
        SignedHead h = some_head();
        if (part == 0)
            h.head.ceremony[0] = 't';
        else if (part == 1)
            h.head.entries++;
        else
            h.head.root[31] ^= 1;
        assert_true(!head_signer(&h, found) || memcmp(found, expected, sizeof found) != 0);
    }
}

static void the_largest_head_fits(void **state) {
    (void)state;
    SignedHead h = {.head = {.entries = UINT64_MAX}}, back;
    memset(h.head.ceremony, '~', LIMIT_IDENTITY);

    char *text = written(&h);

    assert_true(head_read(text, strlen(text), &back, NULL));
    assert_true(back.head.entries == UINT64_MAX);
    free(text);
}

static void a_name_that_would_need_escapes_is_refused(void **state) {
    (void)state;
    const char *names[] = {"", "a b", "a\"b", "a\\b", "a\nb", "\xc3\xa4"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        SignedHead h = {.head = {.entries = 1}};
        CvkBuf b = CVK_BUF(HEAD_MAX);
        CvkErr err = {.id = "no error"};
        snprintf(h.head.ceremony, sizeof h.head.ceremony, "%s", names[i]);
        assert_false(head_write(&h, &b, &err));
        assert_string_equal(err.id, "head.name");
        assert_false(head_sign(&h.head, SECRET, h.signature, NULL));
        cvk_buf_done(&b);
    }
}

static void assert_refused(const char *text, size_t n) {
    SignedHead h;
    CvkErr err = {.id = "no error"};
    assert_false(head_read(text, n, &h, &err));
    assert_string_equal(err.id, "head.shape");
}

static void only_the_exact_form_is_read(void **state) {
    (void)state;
    SignedHead h = some_head();
    char *text = written(&h);
    size_t n = strlen(text);
    char changed[HEAD_MAX + 2];

    for (size_t cut = 0; cut < n; cut++)
        assert_refused(text, cut);
    for (size_t at = 0; at < n; at++) { /* a space is allowed in JSON in many places */
        memcpy(changed, text, at);
        changed[at] = ' ';
        memcpy(changed + at + 1, text + at, n - at);
        assert_refused(changed, n + 1);
    }
    snprintf(changed, sizeof changed, "%s\n", text);
    assert_refused(changed, n + 1);
    free(text);
}

static void other_heads_are_refused(void **state) {
    (void)state;
#define SIGNATURE                                                                                  \
    "1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b"                           \
    "1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b"
#define HEAD(version, entries, more)                                                               \
    "{\"head\":\"{\\\"convoke_head\\\":" version                                                   \
    ",\\\"ceremony\\\":\\\"small\\\",\\\"entries\\\":" entries ",\\\"root\\\":\\\"" ROOT           \
    "\\\"" more "}\",\"signature\":\"" SIGNATURE "\"}"
    static const char good[] = HEAD("1", "12", "");
    static const char *const bad[] = {
        HEAD("0", "12", ""),   HEAD("2", "12", ""),
        HEAD("1", "012", ""),  HEAD("1", "-12", ""),
        HEAD("1", "12.0", ""), HEAD("1", "18446744073709551616", ""),
        HEAD("1", "1e1", ""),  HEAD("1", "12", ",\\\"more\\\":1"),
    };
    SignedHead h;

    assert_true(head_read(good, strlen(good), &h, NULL)); /* the others differ in one thing */
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_refused(bad[i], strlen(bad[i]));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_head_comes_back_with_its_signer),
        TEST(the_signature_is_over_the_text_as_it_is_documented),
        TEST(the_delivered_form_holds_the_text_as_a_string),
        TEST(every_part_of_a_head_is_signed),
        TEST(the_largest_head_fits),
        TEST(a_name_that_would_need_escapes_is_refused),
        TEST(only_the_exact_form_is_read),
        TEST(other_heads_are_refused),
    };
    return cmocka_run_group_tests_name("format/head", tests, NULL, NULL);
}
