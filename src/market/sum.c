#include "market/sum.h"

#include "codec/money.h"

#include <string.h>

__extension__ typedef unsigned __int128 Magnitude;

static Magnitude magnitude(Sum s) {
    return s < 0 ? -(Magnitude)s : (Magnitude)s;
}

/* Writes "[-]whole.fraction" backwards from the end of a buffer; the fraction has `digits`. */
static void put(bool negative, Magnitude m, unsigned digits, char ret[SUM_TEXT_MAX]) {
    char text[SUM_TEXT_MAX], *at = text + sizeof text - 1;
    *at = '\0';
    for (unsigned i = 0; i < digits; i++, m /= 10)
        *--at = (char)('0' + (int)(m % 10));
    if (digits > 0)
        *--at = '.';
    do
        *--at = (char)('0' + (int)(m % 10));
    while ((m /= 10) != 0);
    if (negative)
        *--at = '-';
    memmove(ret, at, (size_t)(text + sizeof text - at));
}

void sum_text(Sum micro_cents, char ret[SUM_TEXT_MAX]) {
    Magnitude m = magnitude(micro_cents);
    unsigned digits = 6;
    for (; digits > 0 && m % 10 == 0; digits--)
        m /= 10;
    put(micro_cents < 0, m, digits, ret);
}

static Magnitude rounded(Magnitude m, unsigned unit) {
    return (m + unit / 2) / unit * unit;
}

/* The coarsest unit, a hundredth of a cent at most, that leaves four significant digits. */
static unsigned unit_of(Magnitude m) {
    unsigned unit = CVK_CENT / 100;
    for (Magnitude least = 10 * CVK_CENT; unit > 1 && m < least; least /= 10)
        unit /= 10;
    return unit;
}

void sum_text_rounded(Sum micro_cents, char ret[SUM_TEXT_MAX]) {
    Magnitude m = magnitude(micro_cents);
    unsigned digits = 6;
    m = rounded(m, unit_of(m));
    for (; digits > 2 && m % 10 == 0; digits--)
        m /= 10;
    put(micro_cents < 0, m, digits, ret);
}

double sum_cents(Sum micro_cents) {
    return (double)micro_cents / (double)CVK_CENT;
}
