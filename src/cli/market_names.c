/* Who and what an argument of the market's commands names. */
#include "cli/market.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define SHOWN 8 /* numbers that are told of those with one label */

/* From 1, without zeros in front. */
static bool is_number(const char *text, uint64_t max, uint64_t *ret) {
    uint64_t v = 0;
    const char *c = text;
    for (; *c >= '0' && *c <= '9' && v <= max; c++)
        v = 10 * v + (uint64_t)(*c - '0');
    *ret = v;
    return *c == '\0' && text[0] != '\0' && text[0] != '0' && v <= max;
}

static bool read_number(const char *text, const char *what, uint64_t max, uint64_t *ret,
                        CvkErr *err) {
    return is_number(text, max, ret) ||
           cvk_fail(err, CVK_EBADREQ, "usage.number", "'%.40s' is no number of a %s", text, what);
}

bool market_number(const Args *args, size_t at, const char *what, uint64_t max, uint64_t *ret,
                   CvkErr *err) {
    return read_number(args_at(args, at), what, max, ret, err);
}

/* ---- by name ---- */

typedef struct {
    const char *what, *name_is, *none, *which; /* a participant's name is a label; ids of errors */
} Sort;

static const Sort participants = {"participant", "label", "participant.none", "participant.which"};
static const Sort batches = {"batch", "name", "batch.none", "batch.which"};

typedef struct {
    const char *name;
    uint32_t n, number[SHOWN]; /* so many have it, and these first */
} Sought;

static bool see(Sought *s, const char *name, uint32_t number) {
    if (name[0] != '\0' && strcmp(name, s->name) == 0) {
        if (s->n < SHOWN)
            s->number[s->n] = number;
        s->n++;
    }
    return true;
}

static bool see_participant(void *ctx, const StoreParticipant *p, CvkErr *err) {
    (void)err;
    return see(ctx, p->label, p->id);
}

static bool see_batch(void *ctx, const StoreBatch *b, CvkErr *err) {
    (void)err;
    return see(ctx, b->name, b->id);
}

/* Of all that may be meant. */
static bool fail_several(const Sort *sort, const Sought *s, bool as_number, CvkErr *err) {
    char numbers[SHOWN * (sizeof MARKET_BY_NUMBER + 12) + 8];
    size_t n = 0;
    for (uint32_t i = 0; i < s->n && i < SHOWN; i++)
        n += (size_t)snprintf(numbers + n, sizeof numbers - n, "%s%s%" PRIu32, i > 0 ? ", " : "",
                              MARKET_BY_NUMBER, s->number[i]);
    if (s->n > SHOWN)
        snprintf(numbers + n, sizeof numbers - n, ", ...");
    return as_number
               ? cvk_fail(err, CVK_ECONFLICT, sort->which,
                          "'%.40s' is a number and also the %s of another %s: give %s%.40s for the "
                          "number, or for the %s %s",
                          s->name, sort->name_is, sort->what, MARKET_BY_NUMBER, s->name,
                          sort->name_is, numbers)
               : cvk_fail(err, CVK_ECONFLICT, sort->which,
                          "'%.40s' is the %s of %" PRIu32 " %ss: give one's number, %s", s->name,
                          sort->name_is, s->n, sort->what, numbers);
}

/* Who has the name was sought already. */
static bool choose(const Sort *sort, const Sought *s, uint32_t *ret, CvkErr *err) {
    uint64_t number;
    if (is_number(s->name, UINT32_MAX, &number)) {
        *ret = (uint32_t)number;
        return s->n == 0 || (s->n == 1 && s->number[0] == *ret) || fail_several(sort, s, true, err);
    }
    if (s->n == 0)
        return cvk_fail(err, CVK_ENOTFOUND, sort->none,
                        "'%.40s' is neither number nor %s of a %s: see 'convoke market %s list'",
                        s->name, sort->name_is, sort->what, sort->what);
    *ret = s->number[0];
    return s->n == 1 || fail_several(sort, s, false, err);
}

/* *ret_done: the text says that it is a number. */
static bool by_number(const Sort *sort, const char *text, bool *ret_done, uint32_t *ret,
                      CvkErr *err) {
    const size_t n = strlen(MARKET_BY_NUMBER);
    uint64_t number = 0;
    *ret_done = strncmp(text, MARKET_BY_NUMBER, n) == 0;
    bool ok = !*ret_done || read_number(text + n, sort->what, UINT32_MAX, &number, err);
    *ret = (uint32_t)number;
    return ok;
}

bool market_find_participant(const Args *args, size_t at, Experiment *e, uint32_t *ret,
                             CvkErr *err) {
    Sought s = {.name = args_at(args, at)};
    bool done;
    return by_number(&participants, s.name, &done, ret, err) &&
           (done || (experiment_each_participant(e, see_participant, &s, err) &&
                     choose(&participants, &s, ret, err)));
}

bool market_find_batch(const Args *args, size_t at, Experiment *e, uint32_t *ret, CvkErr *err) {
    Sought s = {.name = args_at(args, at)};
    bool done;
    return by_number(&batches, s.name, &done, ret, err) &&
           (done ||
            (experiment_each_batch(e, see_batch, &s, err) && choose(&batches, &s, ret, err)));
}
