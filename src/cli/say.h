/* How commands speak: standard output carries the product, standard error what happens on the way
 * and what went wrong ("convoke: <what>: <what to do>"). Control characters, which strangers' texts
 * may hold and terminals obey, what turns a line around, and what is no UTF-8 come out as question
 * marks. */
#pragma once

#include "base/err.h"
#include "cli/exits.h"

#include <stddef.h>
#include <stdint.h>

/* "convoke: <what>: <err->msg>" (what may be NULL); returns EXIT_UNUSABLE. Says nothing when what
 * failed is standard output: the program's end tells that, once for all commands. */
int say_error(const char *what, const CvkErr *err);

/* Standard output took no more: *err says so, and false. */
bool say_output_failed(CvkErr *err);

/* One line on standard error. */
void say_step(const char *fmt, ...) PRINTF_LIKE(1, 2);

/* One line on standard output, flushed. */
void say_result(const char *fmt, ...) PRINTF_LIKE(1, 2);

/* "1 contribution", "3 contributions" to ret. */
const char *say_count(uint64_t n, const char *noun, char *ret, size_t cap);
