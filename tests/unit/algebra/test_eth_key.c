#include "vectors.h"

#include "algebra/eth_key.h"

/* EIP-155's example: the key of 32 times 0x46. */
static void a_known_key_has_its_known_address(void **state) {
    (void)state;
    uint8_t secret[32], address[20];
    char text[ETH_ADDRESS_TEXT];
    CvkErr err;
    memset(secret, 0x46, sizeof secret);

    assert_true(eth_key_address(secret, address, &err));

    eth_address_checksummed(address, text);
    assert_string_equal(text, "0x9d8A62f656a8d1615C1294fd71e9CFb3E4855A4F");
    eth_address_lower(address, text);
    assert_string_equal(text, "0x9d8a62f656a8d1615c1294fd71e9cfb3e4855a4f");
}

/* The examples of EIP-55. */
static void addresses_are_written_with_the_checksum_of_eip_55(void **state) {
    (void)state;
    static const char *const known[] = {
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
        "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB", "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
        "0x52908400098527886E0F7030069857D2E4169EE7", "0xde709f2102306220921060314715629080e2fb77",
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        uint8_t address[20];
        char text[ETH_ADDRESS_TEXT];
        assert_true(eth_address_parse(known[i], address));

        eth_address_checksummed(address, text);

        assert_string_equal(text, known[i]);
    }
}

static void malformed_addresses_are_refused(void **state) {
    (void)state;
    static const char *const bad[] = {
        "",
        "0x",
        "5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAe",
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed0",
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeg",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        uint8_t address[20];
        assert_false(eth_address_parse(bad[i], address));
    }
}

static void an_address_in_both_cases_must_have_the_right_capitals(void **state) {
    (void)state;
    static const char right[] = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed";
    uint8_t address[20], known[20];
    assert_true(eth_address_parse(right, known));
    assert_true(eth_address_read(right, address));
    assert_memory_equal(address, known, sizeof known);
    assert_true(eth_address_read("0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed", address));
    assert_true(eth_address_read("0x5AAEB6053F3E94C9B9A09F33669435E7EF1BEAED", address));
    assert_false(eth_address_read("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD", address));
    assert_false(eth_address_read("0x5AAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", address));
    assert_false(eth_address_read("0X5aaeb6053f3e94c9b9a09f33669435e7ef1beaed", address));
    assert_false(eth_address_read("", address));
}

static void keys_outside_the_field_are_refused(void **state) {
    (void)state;
    uint8_t zero[32] = {0}, large[32], address[20], signature[65], digest[32] = {1};
    memset(large, 0xff, sizeof large);
    CvkErr err = {.id = ""};

    assert_false(eth_key_address(zero, address, &err));
    assert_string_equal(err.id, "eth.key");
    assert_false(eth_key_address(large, address, &err));
    assert_false(eth_sign(zero, digest, signature, &err));

    assert_string_equal(err.id, "eth.key");
    assert_int_equal(err.code, CVK_EBADREQ);
}

static void new_keys_are_valid_and_differ(void **state) {
    (void)state;
    uint8_t a[32], b[32], address[20];
    CvkErr err;

    assert_true(eth_key_new(a, &err));
    assert_true(eth_key_new(b, &err));

    assert_true(eth_key_address(a, address, &err));
    assert_memory_not_equal(a, b, 32);
}

static void what_a_key_signs_recovers_to_its_address(void **state) {
    (void)state;
    CvkErr err;
    for (uint8_t i = 1; i <= 20; i++) {
        uint8_t secret[32] = {i}, digest[32], signature[65], mine[20], found[20];
        eth_personal_digest(&i, 1, digest);
        assert_true(eth_key_address(secret, mine, &err));

        assert_true(eth_sign(secret, digest, signature, &err));
        assert_true(eth_recover(digest, signature, found));

        assert_memory_equal(found, mine, 20);
        assert_true(signature[64] == 27 || signature[64] == 28);
    }
}

static void v_may_be_0_or_1_and_nothing_else(void **state) {
    (void)state;
    CvkErr err;
    uint8_t secret[32] = {9}, digest[32] = {8}, signature[65], mine[20], found[20];
    assert_true(eth_key_address(secret, mine, &err));
    assert_true(eth_sign(secret, digest, signature, &err));
    uint8_t v = signature[64];

    for (unsigned other = 0; other < 256; other++) {
        signature[64] = (uint8_t)other;
        bool valid = eth_recover(digest, signature, found);
        if (other == v || other + 27 == v)
            assert_true(valid && memcmp(found, mine, 20) == 0);
        else if (other != 0 && other != 1 && other != 27 && other != 28)
            assert_false(valid);
        else
            assert_true(!valid || memcmp(found, mine, 20) != 0);
    }
}

/* s -> n - s with the other v: the same signer. */
static void a_high_s_is_accepted(void **state) {
    (void)state;
    static const uint8_t order[32] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                      0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe,
                                      0xba, 0xae, 0xdc, 0xe6, 0xaf, 0x48, 0xa0, 0x3b,
                                      0xbf, 0xd2, 0x5e, 0x8c, 0xd0, 0x36, 0x41, 0x41};
    CvkErr err;
    uint8_t secret[32] = {9}, digest[32] = {8}, signature[65], mine[20], found[20];
    assert_true(eth_key_address(secret, mine, &err));
    assert_true(eth_sign(secret, digest, signature, &err));
    assert_true(signature[32] < 0x80); /* what we make is low */
    int borrow = 0;
    for (size_t i = 32; i-- > 0;) {
        int d = order[i] - signature[32 + i] - borrow;
        borrow = d < 0;
        signature[32 + i] = (uint8_t)d;
    }
    signature[64] = (uint8_t)(55 - signature[64]);

    assert_true(eth_recover(digest, signature, found));

    assert_memory_equal(found, mine, 20);
}

static void malformed_signatures_are_nobodys(void **state) {
    (void)state;
    uint8_t digest[32] = {1}, signature[65], found[20];

    memset(signature, 0, sizeof signature);
    assert_false(eth_recover(digest, signature, found));
    memset(signature, 0xff, sizeof signature);
    signature[64] = 27;
    assert_false(eth_recover(digest, signature, found));
}

/* The digests and signers of the public receipts; the digests are of the receipts' texts. */
static void public_receipts_recover_to_their_signers(void **state) {
    (void)state;
    const char *shared = getenv("CONVOKE_SHARED");
    char fallback[4096], folder[8192];
    snprintf(fallback, sizeof fallback, "%s/../shared", getenv("CONVOKE_SOURCE"));
    snprintf(folder, sizeof folder, "%s/fixtures/kzg", shared != NULL ? shared : fallback);
    json_t *kats = crypto_kats();
    const json_t *list = json_object_get(kats, "receipts");
    size_t judged = 0;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *kat = json_array_get(list, i);
        json_t *receipt = vectors_load(folder, text_of(kat, "file"));
        if (receipt == NULL)
            continue; /* only some of the files are published */
        const char *text = text_of(receipt, "receipt"), *hex = text_of(receipt, "signature");
        uint8_t expected[32], digest[32], signature[65], found[20];
        char address[ETH_ADDRESS_TEXT];
        assert_int_equal(strlen(hex), 130);
        assert_true(cvk_hex_decode(hex, 65, signature));
        bytes_of(kat, "eip191_hash", 32, expected);

        eth_personal_digest(text, strlen(text), digest);
        assert_memory_equal(digest, expected, 32);
        assert_true(eth_recover(digest, signature, found));

        eth_address_checksummed(found, address);
        assert_string_equal(address, text_of(kat, "signer"));
        json_decref(receipt);
        judged++;
    }
    json_decref(kats);
    if (judged == 0) {
        print_message("SKIP: no receipts under %s\n", folder);
        skip();
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_known_key_has_its_known_address),
        TEST(addresses_are_written_with_the_checksum_of_eip_55),
        TEST(malformed_addresses_are_refused),
        TEST(an_address_in_both_cases_must_have_the_right_capitals),
        TEST(keys_outside_the_field_are_refused),
        TEST(new_keys_are_valid_and_differ),
        TEST(what_a_key_signs_recovers_to_its_address),
        TEST(v_may_be_0_or_1_and_nothing_else),
        TEST(a_high_s_is_accepted),
        TEST(malformed_signatures_are_nobodys),
        TEST(public_receipts_recover_to_their_signers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
