#include "fuzz/fuzz.h"
#include "http/accept.h"

static const char *const types[] = {"application/json", "application/vnd.convoke.kzg"};

/* Wishes are within their bounds, and what is put before any list counts, if nothing in it is as
 * specific. */
void fuzz_one(const uint8_t *data, size_t n) {
    static const char first[] = "application/json;q=0.004, ";
    char *field = malloc(sizeof first + n);
    assert(field != NULL);
    memcpy(field, first, sizeof first - 1);
    if (n != 0)
        memcpy(field + sizeof first - 1, data, n);
    field[sizeof first - 1 + n] = '\0';
    const char *own = field + sizeof first - 1;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        AcceptWish w = accept_type(own, types[i]);
        assert(w.q <= 1000);
    }
    AcceptWish before = accept_type(own, types[0]), after = accept_type(field, types[0]);
    assert(after.named && after.q == (before.named && before.q > 4 ? before.q : 4));
    if (accept_gzip(own))
        assert(accept_coding(own, "gzip").q != 0);
    free(field);
}
