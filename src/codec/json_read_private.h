/* What json_read.c (structure), json_token.c (strings, numbers) and json_lift.c share. Private to
 * these.
 *
 * Invariant: data[keep..n) is in the window, keep <= at <= n; the bytes before `keep` may be thrown
 * away by any json_look or json_need. base = how many bytes of the document stood before data[0].
 * Once `failed`, err is set and never changes, and no function here succeeds again. */
#pragma once

#include "base/limits.h"
#include "codec/json_read.h"

/* A string of LIMIT_JSON_STRING bytes may be written with six bytes each; a token must fit. */
#define JSON_WINDOW ((size_t)1 << 16)
_Static_assert(JSON_WINDOW > 6 * LIMIT_JSON_STRING + 64, "a token must fit into the window");

#define JSON_AT_END (-1)

typedef struct {
    size_t line, column, byte;
} JsonPlace;

typedef enum { JSON_WANT_VALUE, JSON_WANT_COLON, JSON_WANT_NEXT, JSON_WANT_END } JsonWant;

struct JsonReader {
    JsonSource source;
    size_t max;
    bool failed, ended;
    CvkErr err;
    JsonWant want;
    unsigned depth;
    struct {
        bool object, has_items;
    } level[LIMIT_JSON_DEPTH];
    size_t line, line_base; /* the line of data[at], and the document's bytes before it */
    JsonPlace token;        /* where the last token began */
    size_t base, keep, at, n;
    char data[JSON_WINDOW];
};

/* How many of the n bytes at `text`, within a string, stand for themselves. */
size_t json_plain_run(const char *text, size_t n);

/* The next byte without taking it; JSON_AT_END at the end or when the source failed. */
int json_look(JsonReader *r);

/* At least `n` bytes stand at data[at]. False: the document or the source ends before. */
bool json_need(JsonReader *r, size_t n);

/* Skips whitespace, notes the place of the token that begins there, keeps nothing before it. */
int json_next_token(JsonReader *r);

/* Fail at the byte that comes next: with a message, or because it cannot stand there. */
bool json_fail_here(JsonReader *r, CvkCode code, const char *id, const char *fmt, ...)
    PRINTF_LIKE(4, 5);
bool json_unexpected(JsonReader *r, const char *wanted);
#ifdef __clang_analyzer__ /* see base/err.h */
#define json_fail_here(...) cvk_false(json_fail_here(__VA_ARGS__))
#define json_unexpected(...) cvk_false(json_unexpected(__VA_ARGS__))
#endif

/* Take the string whose quote, or the number whose first byte, is data[at]. */
bool json_take_string(JsonReader *r, const char **ret, size_t *ret_n);
bool json_take_number(JsonReader *r, const char **ret, size_t *ret_n);
