/* A choice among a few words, and what is said where something else was given. Threads: pure
 * functions. */
#pragma once

#include "base/err.h"

#include <stddef.h>

#define CVK_WORDS_TEXT 320

/* "a, b, c" to ret, as many as it has room for: then "..." ends it. Returns ret. */
const char *cvk_words(const char *const *words, size_t n, char ret[CVK_WORDS_TEXT]);

/* Which of the n words is `given`? CVK_EBADREQ "usage.value": "<what> is one of a, b, c, not 'x'".
 */
bool cvk_words_find(const char *what, const char *given, const char *const *words, size_t n,
                    size_t *ret, CvkErr *err) MUST_USE;
