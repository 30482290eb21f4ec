#include "base/rng.h"
#include "codec/money.h"
#include "support/test.h"

static bool parse(const char *text, int64_t *ret) {
    return money_parse(text, strlen(text), ret);
}

static void amounts_are_exact_whatever_their_writing(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int64_t micro_cents;
    } known[] = {
        {"0", 0},
        {"-0", 0},
        {"-0.000e5", 0},
        {"0e-99999999999999999999", 0},
        {"0E+99999999999999999999", 0},
        {"0.0000000000", 0},
        {"1", 1000000},
        {"100", 100000000},
        {"100.000", 100000000},
        {"100.0000000000", 100000000},
        {"1.000001", 1000001},
        {"0.000001", 1},
        {"1e-6", 1},
        {"10e-7", 1},
        {"1000000e-12", 1},
        {"0.1e1", 1000000},
        {"1E2", 100000000},
        {"1e+2", 100000000},
        {"1e002", 100000000},
        {"12.5e-1", 1250000},
        {"0.0516", 51600},
        {"0.00000000000000000001e20", 1000000},
        {"10000000000000000000000e-22", 1000000},
        {"9000000000000", MONEY_MAX},
        {"9e12", MONEY_MAX},
        {"8999999999999.999999", MONEY_MAX - 1},
        {"9000000000000.000000000", MONEY_MAX},
        /* finer than a micro-cent: to the nearest, as floating point writes what was meant as less
         */
        {"0.30000000000000004", 300000},
        {"5.166666666666667", 5166667},
        {"1e-7", 0},
        {"0.0000005", 1},
        {"0.00000049999999999999999999", 0},
        {"8999999999999.9999995", MONEY_MAX},
        {"9000000000000.0000004", MONEY_MAX},
        {"99999999999999999999999999999999e-20", 1000000000000 * INT64_C(1000000)},
        {"1e-99999999999999999999", 0},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        int64_t got = -1;

        assert_true(parse(known[i].text, &got));

        assert_int_equal(got, known[i].micro_cents);
    }
}

static void what_is_no_amount_is_refused_and_nothing_written(void **state) {
    (void)state;
    static const char *const bad[] = {
        /* no JSON number */
        "", "-", "+1", ".5", "1.", "1.e3", "01", "-01", "00", "1e", "1e+", "1e-", "0x10", "1,5",
        " 1", "1 ", "1_0", "1e1.5", "--1", "1-", "NaN", "Infinity", "\"1\"", "null", "1e5e5",
        /* negative */
        "-1", "-0.000001", "-1e-6", "-9e12", "-1e-99999999999999999999", "-0.0000001",
        /* too much */
        "9000000000000.000001", "9000000000000.0000005", "9000000000001", "9e13", "1e13",
        "1e99999999999999999999", "18446744073709551616", "18446744073710.551616",
        "0.00000000000000000001e34"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        int64_t got = -77;

        if (parse(bad[i], &got))
            fail_msg("'%s' was read as %lld", bad[i], (long long)got);

        assert_int_equal(got, -77);
    }
}

static void no_byte_past_the_length_is_looked_at(void **state) {
    (void)state;
    int64_t got;

    assert_true(money_parse("12345", 2, &got));

    assert_int_equal(got, 12000000);
    assert_false(money_parse("1.5", 2, &got));
    assert_false(money_parse("1e5", 2, &got));
    assert_false(money_parse("1\0", 2, &got));
    assert_false(money_parse("\0", 1, &got));
}

static void texts_are_the_shortest(void **state) {
    (void)state;
    static const struct {
        int64_t micro_cents;
        const char *text;
    } known[] = {
        {0, "0"},
        {1, "0.000001"},
        {-1, "-0.000001"},
        {51600, "0.0516"},
        {100000000, "100"},
        {-3500000, "-3.5"},
        {10000000, "10"},
        {100100000, "100.1"},
        {MONEY_MAX, "9000000000000"},
        {-MONEY_MAX, "-9000000000000"},
        {INT64_MAX, "9223372036854.775807"},
        {INT64_MIN, "-9223372036854.775808"},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        char text[MONEY_TEXT_MAX];

        money_text(known[i].micro_cents, text);

        assert_string_equal(text, known[i].text);
    }
}

/* ---- the reference: the same number with its point moved by hand, digit by digit ---- */

#define PLACES 120 /* digits before the point, and after it */

/* Reads whole digits, fraction digits and an exponent that are known to be well formed. */
static bool by_hand(const char *text, int64_t *ret) {
    char digits[2 * PLACES];
    memset(digits, '0', sizeof digits);
    bool minus = *text == '-', any = false;
    const char *mark = strpbrk(text, "eE");
    long exponent = mark != NULL ? strtol(mark + 1, NULL, 10) : 0;
    text += minus;
    long place = PLACES - exponent - (long)strspn(text, "0123456789");
    for (; *text != '\0' && *text != 'e' && *text != 'E'; text++)
        if (*text != '.')
            digits[place++] = *text;
    int64_t v = 0;
    for (size_t i = 0; i < sizeof digits; i++) {
        any = any || digits[i] != '0';
        if (i == PLACES + 6)
            v += digits[i] >= '5';
        if (i < PLACES + 6 && __builtin_mul_overflow(v, 10, &v))
            return false;
        if (i < PLACES + 6 && __builtin_add_overflow(v, digits[i] - '0', &v))
            return false;
    }
    *ret = v;
    return v <= MONEY_MAX && !(minus && any);
}

typedef struct {
    uint8_t bytes[128];
    size_t next;
} Dice;

static unsigned below(Dice *d, unsigned n) {
    return d->bytes[d->next++] % n;
}

static void put_digits(char **at, Dice *d, unsigned n) {
    for (unsigned i = 0; i < n; i++)
        *(*at)++ = (char)('0' + (below(d, 2) == 0 ? 0 : below(d, 10)));
}

static void random_number(Dice *d, char *at) {
    if (below(d, 16) == 0)
        *at++ = '-';
    if (below(d, 3) == 0) {
        *at++ = '0';
    } else {
        *at++ = (char)('1' + below(d, 9));
        put_digits(&at, d, below(d, 16));
    }
    if (below(d, 2) == 0) {
        *at++ = '.';
        put_digits(&at, d, 1 + below(d, 16));
    }
    if (below(d, 2) == 0)
        at += snprintf(at, 8, "e%s%u", below(d, 2) ? "-" : "", below(d, 20));
    *at = '\0';
}

static void random_numbers_are_read_as_by_hand_and_come_back(void **state) {
    (void)state;
    static const uint8_t seed[CVK_SEED_BYTES] = {20, 26};
    unsigned accepted = 0;
    for (unsigned i = 0; i < 200000; i++) {
        char text[64], written[MONEY_TEXT_MAX];
        int64_t expected = -1, got = -1, again = -1;
        Dice dice = {.next = 0};
        cvk_stream(seed, i, dice.bytes, sizeof dice.bytes);
        random_number(&dice, text);

        bool ok = parse(text, &got);

        if (ok != by_hand(text, &expected) || (ok && got != expected))
            fail_msg("'%s': %d %lld, by hand %lld", text, ok, (long long)got, (long long)expected);
        if (!ok)
            continue;
        accepted++;
        money_text(got, written);
        assert_true(parse(written, &again));
        assert_int_equal(again, got);
    }
    assert_in_range(accepted, 20000, 180000); /* both ways are seen often */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(amounts_are_exact_whatever_their_writing),
        TEST(what_is_no_amount_is_refused_and_nothing_written),
        TEST(no_byte_past_the_length_is_looked_at),
        TEST(texts_are_the_shortest),
        TEST(random_numbers_are_read_as_by_hand_and_come_back),
    };
    return cmocka_run_group_tests_name("codec/money", tests, NULL, NULL);
}
