#include "codec/json_read.h"
#include "codec/money.h"
#include "fuzz/fuzz.h"

#include <math.h>

#define NUMBER_MAX 300 /* so that strtold has its zero behind it */

/* The number, if these bytes are one to those who read JSON. */
static bool number_of(const char *text, size_t n, long double *ret) {
    JsonMemory m = {.data = text, .n = n};
    char copy[NUMBER_MAX + 1];
    const char *number;
    size_t number_n;
    CvkErr err;
    JsonReader *r = json_reader_new(json_from_memory(&m), NUMBER_MAX + 1, &err);
    assert(r != NULL);
    bool is = json_read_number(r, &number, &number_n, &err) && number_n == n;
    if (is)
        memcpy(copy, number, number_n);
    is = is && json_read_end(r, &err);
    json_reader_free(r);
    copy[is ? n : 0] = '\0';
    *ret = strtold(copy, NULL);
    return is;
}

/* An amount is a number of JSON's that is not negative nor too large, to the nearest micro-cent;
 * and its shortest text is the same amount. */
void fuzz_one(const uint8_t *data, size_t n) {
    const char *text = (const char *)data;
    char shortest[MONEY_TEXT_MAX];
    int64_t amount, again;
    long double value;
    if (n == 0 || n > NUMBER_MAX)
        return;
    bool is = number_of(text, n, &value);
    value *= CVK_CENT;
    if (!money_parse(text, n, &amount)) {
        assert(!is || text[0] == '-' || value > (long double)MONEY_MAX * 0.999999L);
        return;
    }
    assert(is && amount >= 0 && amount <= MONEY_MAX);
    assert(fabsl(value - (long double)amount) <= 0.5L + value * 1e-18L);
    money_text(amount, shortest);
    assert(money_parse(shortest, strlen(shortest), &again) && again == amount);
}
