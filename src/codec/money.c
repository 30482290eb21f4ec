#include "codec/money.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define DECIMALS 6
#define EXPONENT_MAX (INT64_C(1) << 40) /* as good as endless: no text is so long */

typedef struct {
    const char *at, *end;
} Text;

static bool take(Text *t, const char *any_of) {
    if (t->at == t->end || *t->at == '\0' || strchr(any_of, *t->at) == NULL)
        return false;
    t->at++;
    return true;
}

static bool is_digit(const Text *t) {
    return t->at < t->end && *t->at >= '0' && *t->at <= '9';
}

/* digits x 10^zeros, where the last digit is none of the zeros. */
typedef struct {
    uint64_t digits;
    int64_t zeros;
    bool too_many; /* digits: as micro-cents it is above the maximum, or no whole number */
} Significand;

static bool times_ten(uint64_t *v, int64_t times) {
    for (; times > 0; times--) {
        if (*v > (uint64_t)MONEY_MAX / 10)
            return false;
        *v *= 10;
    }
    return true;
}

/* One digit or more: how many. */
static int64_t take_digits(Text *t, Significand *s) {
    const char *start = t->at;
    for (; is_digit(t); t->at++) {
        unsigned digit = (unsigned)(*t->at - '0');
        if (digit == 0) {
            s->zeros += s->digits != 0;
            continue;
        }
        if (!times_ten(&s->digits, s->zeros + 1))
            s->too_many = true;
        s->digits += digit;
        s->zeros = 0;
    }
    return t->at - start;
}

static bool take_exponent(Text *t, int64_t *ret) {
    bool minus = t->at < t->end && *t->at == '-';
    int64_t e = 0;
    (void)take(t, "+-");
    if (!is_digit(t))
        return false;
    for (; is_digit(t); t->at++)
        if (e < EXPONENT_MAX)
            e = 10 * e + (*t->at - '0');
    *ret = minus ? -e : e;
    return true;
}

bool money_parse(const char *text, size_t n, int64_t *ret) {
    Text t = {text, text + n};
    Significand s = {0, 0, false};
    int64_t fraction = 0, exponent = 0;
    bool minus = take(&t, "-");
    bool zero_first = t.at < t.end && *t.at == '0';
    int64_t whole = take_digits(&t, &s);
    if (whole == 0 || (zero_first && whole > 1))
        return false;
    if (take(&t, ".") && (fraction = take_digits(&t, &s)) == 0)
        return false;
    if (take(&t, "eE") && !take_exponent(&t, &exponent))
        return false;
    if (t.at != t.end || s.too_many || (minus && s.digits != 0))
        return false;
    int64_t shift = s.zeros - fraction + exponent + DECIMALS;
    if (s.digits != 0 && (shift < 0 || !times_ten(&s.digits, shift)))
        return false;
    if (s.digits > (uint64_t)MONEY_MAX)
        return false;
    *ret = (int64_t)s.digits;
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
