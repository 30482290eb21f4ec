#include "codec/money.h"

#include <inttypes.h>
#include <stdio.h>

#define DECIMALS 6
#define PLACES 19                       /* digits of MONEY_MAX */
#define EXPONENT_MAX (INT64_C(1) << 40) /* as good as endless: no text is so long */

/* A JSON number, taken apart. */
typedef struct {
    bool minus;
    const char *whole, *fraction; /* their digits */
    size_t whole_n, fraction_n;
    int64_t exponent;
} Number;

typedef struct {
    const char *at, *end;
} Text;

static bool take(Text *t, char c, char or_c) {
    bool there = t->at < t->end && (*t->at == c || *t->at == or_c);
    t->at += there;
    return there;
}

/* One digit or more. */
static bool take_digits(Text *t, const char **ret, size_t *ret_n) {
    *ret = t->at;
    while (t->at < t->end && *t->at >= '0' && *t->at <= '9')
        t->at++;
    *ret_n = (size_t)(t->at - *ret);
    return *ret_n != 0;
}

static bool take_exponent(Text *t, int64_t *ret) {
    const char *digits;
    size_t n;
    bool minus = t->at < t->end && *t->at == '-';
    (void)take(t, '+', '-');
    if (!take_digits(t, &digits, &n))
        return false;
    for (size_t i = 0; i < n && *ret < EXPONENT_MAX; i++)
        *ret = 10 * *ret + (digits[i] - '0');
    *ret = minus ? -*ret : *ret;
    return true;
}

static bool take_number(Text t, Number *ret) {
    *ret = (Number){.minus = take(&t, '-', '-')};
    if (!take_digits(&t, &ret->whole, &ret->whole_n) || (*ret->whole == '0' && ret->whole_n > 1))
        return false;
    if (take(&t, '.', '.') && !take_digits(&t, &ret->fraction, &ret->fraction_n))
        return false;
    if (take(&t, 'e', 'E') && !take_exponent(&t, &ret->exponent))
        return false;
    return t.at == t.end;
}

/* A digit of a number, at 10^place micro-cents. The first one behind them rounds. */
static bool add_digit(uint64_t *sum, unsigned digit, int64_t place) {
    if (digit == 0 || place < -1)
        return true;
    if (place == -1) {
        *sum += digit >= 5;
        return true;
    }
    if (place >= PLACES)
        return false;
    uint64_t worth = digit;
    for (; place > 0; place--)
        worth *= 10;
    *sum += worth;
    return true;
}

static bool add_digits(uint64_t *sum, const char *digits, size_t n, int64_t *place, bool minus) {
    for (size_t i = 0; i < n; i++) {
        unsigned digit = (unsigned)(digits[i] - '0');
        if ((minus && digit != 0) || !add_digit(sum, digit, (*place)--))
            return false;
    }
    return true;
}

bool money_parse(const char *text, size_t n, int64_t *ret) {
    Number x;
    uint64_t sum = 0;
    if (!take_number((Text){text, text + n}, &x))
        return false;
    int64_t place = (int64_t)x.whole_n - 1 + x.exponent + DECIMALS;
    if (!add_digits(&sum, x.whole, x.whole_n, &place, x.minus) ||
        !add_digits(&sum, x.fraction, x.fraction_n, &place, x.minus) || sum > (uint64_t)MONEY_MAX)
        return false;
    *ret = (int64_t)sum;
    return true;
}

void money_text(int64_t micro_cents, char ret[MONEY_TEXT_MAX]) {
    uint64_t size = micro_cents < 0 ? 0 - (uint64_t)micro_cents : (uint64_t)micro_cents;
    uint64_t whole = size / (uint64_t)CVK_CENT, fraction = size % (uint64_t)CVK_CENT;
    const char *sign = micro_cents < 0 ? "-" : "";
    if (fraction == 0) {
        snprintf(ret, MONEY_TEXT_MAX, "%s%" PRIu64, sign, whole);
        return;
    }
    int n = snprintf(ret, MONEY_TEXT_MAX, "%s%" PRIu64 ".%06" PRIu64, sign, whole, fraction);
    while (ret[n - 1] == '0')
        ret[--n] = '\0';
}
