/* Comma-separated values (RFC 4180, but lines end in LF) that spreadsheets may open: a text that
 * they would take for a formula (it begins with = + - @, tab or CR) gets an apostrophe in front,
 * which they do not show. Pure. */
#pragma once

#include "base/buf.h"

#include <stddef.h>

/* Adds one field of n bytes; the caller adds "," and "\n". Quoted where it must be; empty text is
 * "", as an empty field says that there is none. */
bool csv_add_text(CvkBuf *to, const char *text, size_t n, CvkErr *err) MUST_USE;
