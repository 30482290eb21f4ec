#include "auth/siwe.h"
#include "base/clock.h"
#include "base/hex.h"
#include "base/rng.h"
#include "support/test.h"

#define NOW 1795248000000 /* 2026-11-21T08:00:00Z */
#define KEY_01 "0x1a642f0E3c3aF545E7AcBD38b07251B3990914F1"

/* Made and signed by tests/support/eth.py with the key 0101...01. */
#define SIGNED                                                                                     \
    "a.example wants you to sign in with your Ethereum account:\n" KEY_01 "\n"                     \
    "\n"                                                                                           \
    "I accept the terms: https://a.example/tos\n"                                                  \
    "\n"                                                                                           \
    "URI: https://a.example/login\n"                                                               \
    "Version: 1\n"                                                                                 \
    "Chain ID: 1\n"                                                                                \
    "Nonce: 32891756abcdef01\n"                                                                    \
    "Issued At: 2026-11-21T08:00:00Z"
static const char low_s[] = "0x2d5dacc0a2c20a8388c437133c80573bf440fe5151e70d57933fcac42f67158a6fbf"
                            "bd54c1d19738faa7e2fb30e2b8428cff84f527697da15e1732723fa9bdf71b";
static const char high_s[] = "0x08d85ff16db47124f506d646f755b48d80f955cba4095ea41dffff09981a210dcee"
                             "e072dc21eaa5aca03a95522609a62754651d6cd284f236ef2e0d7b8385b021c";

/* Every part that there is. */
#define BEGIN "https://a.example:8443 wants you to sign in with your Ethereum account:\n"
#define FULL                                                                                       \
    BEGIN KEY_01 "\n\nYes, I do.\n\nURI: https://a.example:8443/x?y=z#t\nVersion: 1\n"             \
                 "Chain ID: 5\nNonce: abcdEF12\nIssued At: 2026-11-21T08:00:00.123+01:00\n"        \
                 "Expiration Time: 2026-11-21T09:00:00Z\nNot Before: 2026-11-21T07:00:00Z\n"       \
                 "Request ID: r%20:@1\nResources:\n- ipfs://bafy/\n- https://a.example/claim.json"

static bool is(SiweText t, const char *expected) {
    return t.at != NULL && t.n == strlen(expected) && memcmp(t.at, expected, t.n) == 0;
}

static bool reads(const char *text) {
    SiweMessage m;
    CvkErr err;
    return siwe_read(text, strlen(text), &m, &err);
}

/* FULL with one part replaced. */
static char *with(const char *old, const char *new) {
    static char text[4 * LIMIT_SIWE];
    const char *at = strstr(FULL, old);
    assert_non_null(at);
    snprintf(text, sizeof text, "%.*s%s%s", (int)(at - FULL), FULL, new, at + strlen(old));
    return text;
}

/* ---- reading ---- */

static void every_part_of_a_message_is_read(void **state) {
    (void)state;
    SiweMessage m;
    CvkErr err;
    uint8_t address[20];
    assert_true(eth_address_parse(KEY_01, address));

    assert_true(siwe_read(FULL, strlen(FULL), &m, &err));

    assert_true(is(m.scheme, "https"));
    assert_true(is(m.domain, "a.example:8443"));
    assert_memory_equal(m.address, address, sizeof address);
    assert_true(is(m.statement, "Yes, I do."));
    assert_true(is(m.uri, "https://a.example:8443/x?y=z#t"));
    assert_true(is(m.chain_id, "5"));
    assert_true(is(m.nonce, "abcdEF12"));
    assert_true(is(m.issued_at, "2026-11-21T08:00:00.123+01:00"));
    assert_true(is(m.expires_at, "2026-11-21T09:00:00Z"));
    assert_true(is(m.not_before, "2026-11-21T07:00:00Z"));
    assert_true(is(m.request_id, "r%20:@1"));
    assert_int_equal(m.n_resources, 2);
    assert_true(is(m.resources[1], "https://a.example/claim.json"));
}

static void what_is_optional_may_be_left_out(void **state) {
    (void)state;
    assert_true(reads(with("https://a.example:8443 ", "a.example:8443 ")));
    assert_true(reads(with("Yes, I do.\n", "")));
    assert_true(reads(with("\nExpiration Time: 2026-11-21T09:00:00Z", "")));
    assert_true(reads(with("\nNot Before: 2026-11-21T07:00:00Z", "")));
    assert_true(reads(with("\nRequest ID: r%20:@1", "")));
    assert_true(reads(with("r%20:@1", ""))); /* there, and empty */
    assert_true(reads(with("\n- ipfs://bafy/\n- https://a.example/claim.json", "")));
    assert_true(reads(with("\nResources:\n- ipfs://bafy/\n- https://a.example/claim.json", "")));
}

static void what_must_be_there_may_not_be_left_out(void **state) {
    (void)state;
    assert_false(reads(""));
    assert_false(reads(with("a.example:8443 ", " ")));
    assert_false(reads(with(KEY_01 "\n", "")));
    assert_false(reads(with("\nYes", "Yes")));
    assert_false(reads(with("I do.\n", "I do.")));
    assert_false(reads(with("URI: https://a.example:8443/x?y=z#t\n", "")));
    assert_false(reads(with("Version: 1\n", "")));
    assert_false(reads(with("Chain ID: 5\n", "")));
    assert_false(reads(with("Nonce: abcdEF12\n", "")));
    assert_false(reads(with("Issued At: 2026-11-21T08:00:00.123+01:00\n", "")));
}

static void what_breaks_the_grammar_is_refused(void **state) {
    (void)state;
    assert_false(reads(with("wants", "Wants")));
    assert_false(reads(with("a.example:8443 ", "a b:8443 ")));
    assert_false(reads(with("https://a.example:8443 ", "1s://a.example:8443 ")));
    assert_false(reads(with("account:\n", "account:\n\n")));
    assert_false(reads(with("account:\n", "account: \n")));
    assert_false(reads(with("I do.", "I \"do\".")));
    assert_false(reads(with("I do.", "I do\xe2\x80\xa6")));
    assert_false(reads(with("I do.\n", "I do.\r\n")));
    assert_false(reads(with("I do.", "I do\nand more.")));
    assert_false(reads(with("URI: https", "URI:https")));
    assert_false(reads(with("URI: https", "URI:  https")));
    assert_false(reads(with("URI: https://", "URI: //")));
    assert_false(reads(with("Version: 1", "Version: 2")));
    assert_false(reads(with("Chain ID: 5", "Chain ID: 0x5")));
    assert_false(reads(with("Chain ID: 5", "Chain ID: -5")));
    assert_false(reads(with("abcdEF12", "abcdEF1")));
    assert_false(reads(with("abcdEF12", "abcdEF1-")));
    assert_false(reads(with("2026-11-21T08:00:00.123+01:00", "2026-11-21 08:00")));
    assert_false(reads(with("2026-11-21T09:00:00Z", "2026-02-30T09:00:00Z")));
    assert_false(reads(with("2026-11-21T07:00:00Z", "tomorrow")));
    assert_false(reads(with("r%20:@1", "r/1")));
    assert_false(reads(with("Resources:", "Resources: ")));
    assert_false(reads(with("- ipfs", "* ipfs")));
    assert_false(reads(with("- ipfs://bafy/", "- no address")));
    assert_false(reads(with("claim.json", "claim.json\n")));
    assert_false(reads(with("claim.json", "claim.json\nX: y")));
    assert_false(reads(with("Version: 1\nChain ID: 5", "Chain ID: 5\nVersion: 1")));
    assert_false(reads(with("Nonce: abcdEF12", "Nonce: abcdEF12\nNonce: abcdEF12")));
}

static void capitals_of_an_address_must_be_right_if_there_are_both_sorts(void **state) {
    (void)state;
    assert_true(reads(with(KEY_01, "0x1a642f0e3c3af545e7acbd38b07251b3990914f1")));
    assert_true(reads(with(KEY_01, "0x1A642F0E3C3AF545E7ACBD38B07251B3990914F1")));
    assert_false(reads(with(KEY_01, "0x1A642f0E3c3aF545E7AcBD38b07251B3990914F1")));
    assert_false(reads(with(KEY_01, "0x1a642f0E3c3aF545E7AcBD38b07251B3990914f1")));
    assert_false(reads(with(KEY_01, "0X1a642f0e3c3af545e7acbd38b07251b3990914f1")));
    assert_false(reads(with(KEY_01, "1a642f0e3c3af545e7acbd38b07251b3990914f1")));
}

static void what_is_too_long_is_refused_as_such(void **state) {
    (void)state;
    char statement[LIMIT_SIWE + 1], resources[LIMIT_SIWE] = "Resources:";
    SiweMessage m;
    CvkErr err = {.id = ""};
    memset(statement, 'x', sizeof statement - 1);
    statement[sizeof statement - 1] = '\0';
    const char *long_one = with("Yes, I do.", statement);
    assert_false(siwe_read(long_one, strlen(long_one), &m, &err));
    assert_string_equal(err.id, "siwe.long");
    size_t n = strlen(resources), one = strlen("\n- a:");
    for (int i = 0; i < LIMIT_SIWE_RESOURCES - 1; i++) /* two are there */
        memcpy(resources + n + (size_t)i * one, "\n- a:", one);
    assert_false(reads(with("Resources:", resources)));
    resources[n + (LIMIT_SIWE_RESOURCES - 2) * one] = '\0';
    assert_true(reads(with("Resources:", resources)));
}

/* ---- writing ---- */

static void what_was_read_is_written_as_it_was(void **state) {
    (void)state;
    static const char *const texts[] = {FULL, SIGNED};
    for (size_t i = 0; i < 2; i++) {
        SiweMessage m;
        CvkErr err;
        _cleanup_buf_ CvkBuf b = CVK_BUF(LIMIT_SIWE);
        assert_true(siwe_read(texts[i], strlen(texts[i]), &m, &err));

        assert_true(siwe_write(&m, &b, &err));

        assert_string_equal(cvk_buf_str(&b), texts[i]);
    }
}

static bool same_text(SiweText a, SiweText b) {
    return (a.at == NULL) == (b.at == NULL) && a.n == b.n &&
           (a.n == 0 || memcmp(a.at, b.at, a.n) == 0);
}

static void assert_same(const SiweMessage *a, const SiweMessage *b) {
    assert_true(same_text(a->scheme, b->scheme) && same_text(a->domain, b->domain));
    assert_memory_equal(a->address, b->address, 20);
    assert_true(same_text(a->statement, b->statement) && same_text(a->uri, b->uri));
    assert_true(same_text(a->version, b->version) && same_text(a->chain_id, b->chain_id));
    assert_true(same_text(a->nonce, b->nonce) && same_text(a->issued_at, b->issued_at));
    assert_true(same_text(a->expires_at, b->expires_at));
    assert_true(same_text(a->not_before, b->not_before));
    assert_true(same_text(a->request_id, b->request_id));
    assert_int_equal(a->has_resources, b->has_resources);
    assert_int_equal(a->n_resources, b->n_resources);
    for (size_t i = 0; i < a->n_resources; i++)
        assert_true(same_text(a->resources[i], b->resources[i]));
}

static SiweText one_of(uint8_t choice, const char *const *texts, size_t n) {
    const char *text = texts[choice % n];
    return text != NULL ? SIWE_TEXT(text) : (SiweText){.at = NULL};
}
#define ONE_OF(choice, ...)                                                                        \
    one_of(choice, (const char *const[]){__VA_ARGS__},                                             \
           sizeof((const char *[]){__VA_ARGS__}) / sizeof(char *))

static SiweMessage some_message(uint64_t seed) {
    uint8_t r[64], label[CVK_SEED_BYTES] = {1};
    cvk_stream(label, seed, r, sizeof r);
    SiweMessage m = {
        .scheme = ONE_OF(r[0], NULL, "https", "a+b.c-1"),
        .domain = ONE_OF(r[1], "a.example", "u@[::1]:80", "127.0.0.1:3000", "%20"),
        .statement = ONE_OF(r[2], NULL, "yes", "URI: https://b", "- x", "Resources:", " "),
        .uri = ONE_OF(r[3], "https://a.example", "did:x:y", "a:"),
        .version = SIWE_TEXT("1"),
        .chain_id = ONE_OF(r[4], "1", "007", "115792089237316195423570985008687907853"),
        .nonce = ONE_OF(r[5], "12345678", "abcdefgH0"),
        .issued_at = ONE_OF(r[6], "2026-11-21T08:00:00Z", "0000-01-01t00:00:00.1-23:59"),
        .expires_at = ONE_OF(r[7], NULL, "2016-12-31T23:59:60Z"),
        .not_before = ONE_OF(r[8], NULL, "2026-11-21T08:00:00.000000001z"),
        .request_id = ONE_OF(r[9], NULL, "", "x%00:@"),
        .has_resources = r[10] % 2 != 0,
    };
    m.n_resources = m.has_resources ? r[11] % (LIMIT_SIWE_RESOURCES + 1) : 0;
    for (size_t i = 0; i < m.n_resources; i++)
        m.resources[i] = ONE_OF(r[12 + i], "a:b", "ipfs://x/");
    memcpy(m.address, r + 32, 20);
    return m;
}

static void what_was_written_reads_back_as_the_same_message(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < 2000; seed++) {
        SiweMessage m = some_message(seed), back;
        CvkErr err = {.msg = ""};
        _cleanup_buf_ CvkBuf b = CVK_BUF(LIMIT_SIWE);
        assert_true(siwe_write(&m, &b, &err));

        if (!siwe_read(b.data, b.n, &back, &err))
            fail_msg("seed %llu: %s in\n%s", (unsigned long long)seed, err.msg, b.data);

        assert_same(&m, &back);
    }
}

static void no_part_can_bring_in_a_line_of_its_own(void **state) {
    (void)state;
    static const char evil[] = "x\n\nURI: https://b.example";
    SiweMessage good = some_message(1);
    SiweMessage m[8];
    for (size_t i = 0; i < 8; i++)
        m[i] = good;
    m[0].scheme = m[1].domain = m[2].statement = m[3].uri = SIWE_TEXT(evil);
    m[4].chain_id = m[5].nonce = m[6].expires_at = m[7].request_id = SIWE_TEXT(evil);
    for (size_t i = 0; i < 8; i++) {
        CvkErr err = {.id = ""};
        _cleanup_buf_ CvkBuf b = CVK_BUF(LIMIT_SIWE);

        assert_false(siwe_write(&m[i], &b, &err));

        assert_string_equal(err.id, "siwe.syntax");
    }
}

/* ---- judging ---- */

static bool taken(const char *text, const char *server, int64_t now_ms, const char *id) {
    SiweMessage m;
    CvkErr err = {.id = ""};
    assert_true(siwe_read(text, strlen(text), &m, &err));
    if (siwe_check(&m, server, now_ms, &err))
        return true;
    assert_string_equal(err.id, id);
    return false;
}

static void a_message_for_this_server_in_its_time_is_taken(void **state) {
    (void)state;
    assert_true(taken(FULL, "a.example:8443", NOW, ""));
    assert_true(taken(SIGNED, "a.example", NOW, ""));
    assert_true(taken(with("a.example:8443 ", "A.example:8443 "), "a.example:8443", NOW, ""));
}

static void a_message_for_another_server_is_not(void **state) {
    (void)state;
    const char *id = "siwe.domain", *server = "a.example:8443";
    assert_false(taken(FULL, "a.example", NOW, id));
    assert_false(taken(FULL, "", NOW, id));
    assert_false(taken(with("a.example:8443 ", "b.example:8443 "), server, NOW, id));
    assert_false(taken(with("a.example:8443 ", "u@a.example:8443 "), server, NOW, id));
    assert_false(taken(with("https://a.example:8443 ", "ftp://a.example:8443 "), server, NOW, id));
    assert_false(taken(with("//a.example:8443/x", "//b.example:8443/x"), server, NOW, id));
    assert_false(
        taken(with("//a.example:8443/x", "//a.example:8443@b.example/x"), server, NOW, id));
    assert_false(
        taken(with("https://a.example:8443/x", "ipfs://a.example:8443/x"), server, NOW, id));
    assert_false(
        taken(with("https://a.example:8443/x?", "https:a.example:8443/x?"), server, NOW, id));
}

static void a_message_before_or_after_its_time_is_not(void **state) {
    (void)state;
    const char *id = "siwe.time", *server = "a.example:8443";
    assert_true(taken(FULL, server, NOW + 3599999, ""));
    assert_false(taken(FULL, server, NOW + 3600000, id));
    assert_true(taken(FULL, server, NOW - 3600000 - SIWE_SKEW_MS + 123, ""));
    assert_false(taken(FULL, server, NOW - 3600000 - SIWE_SKEW_MS - 1, id));
    const char *later = with("2026-11-21T07:00:00Z", "2026-11-21T08:30:00Z");
    assert_false(taken(later, server, NOW, id));
    assert_true(taken(later, server, NOW + 1800000 - SIWE_SKEW_MS, ""));
    assert_true(taken(SIGNED, "a.example", NOW + 365 * INT64_C(86400000), "")); /* has no end */
}

/* ---- signatures ---- */

static bool signed_by(const char *signature, const char *address) {
    uint8_t bytes[20];
    assert_true(eth_address_parse(address, bytes));
    return siwe_signed_by(SIGNED, strlen(SIGNED), signature, bytes);
}

static void a_signature_of_another_program_is_known_whatever_its_form(void **state) {
    (void)state;
    char other[133];
    assert_true(signed_by(low_s, KEY_01));
    assert_true(signed_by(high_s, KEY_01));
    memcpy(other, low_s, sizeof other); /* v of 27 as 0 */
    memcpy(other + 130, "00", 2);
    assert_true(signed_by(other, KEY_01));
}

static void a_signature_of_another_or_of_something_else_is_not(void **state) {
    (void)state;
    char other[133];
    uint8_t address[20];
    assert_false(signed_by(low_s, "0x9d8A62f656a8d1615C1294fd71e9CFb3E4855A4F"));
    assert_false(signed_by("", KEY_01));
    assert_false(signed_by("0x", KEY_01));
    assert_false(signed_by(low_s + 2, KEY_01));
    memcpy(other, low_s, sizeof other);
    other[40] = other[40] == '0' ? '1' : '0';
    assert_false(signed_by(other, KEY_01));
    memcpy(other, low_s, sizeof other);
    memcpy(other + 130, "1d", 2); /* no such v */
    assert_false(signed_by(other, KEY_01));
    assert_true(eth_address_parse(KEY_01, address));
    assert_false(siwe_signed_by(SIGNED, strlen(SIGNED) - 1, low_s, address));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(every_part_of_a_message_is_read),
        TEST(what_is_optional_may_be_left_out),
        TEST(what_must_be_there_may_not_be_left_out),
        TEST(what_breaks_the_grammar_is_refused),
        TEST(capitals_of_an_address_must_be_right_if_there_are_both_sorts),
        TEST(what_is_too_long_is_refused_as_such),
        TEST(what_was_read_is_written_as_it_was),
        TEST(what_was_written_reads_back_as_the_same_message),
        TEST(no_part_can_bring_in_a_line_of_its_own),
        TEST(a_message_for_this_server_in_its_time_is_taken),
        TEST(a_message_for_another_server_is_not),
        TEST(a_message_before_or_after_its_time_is_not),
        TEST(a_signature_of_another_program_is_known_whatever_its_form),
        TEST(a_signature_of_another_or_of_something_else_is_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
