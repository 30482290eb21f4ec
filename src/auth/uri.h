/* The parts of RFC 3986 that a sign-in message is made of: is this text one of them? Threads: pure
 * functions. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* An absolute address with its scheme: "https://a.example:8443/b?c#d", "ipfs://...", "did:key:z6".
 */
bool uri_is_valid(const char *text, size_t n);
/* A name for the part before "://". */
bool uri_is_scheme(const char *text, size_t n);
/* [user information "@"] host [":" port]: "a.example:8443", "[::1]". Not empty. */
bool uri_is_authority(const char *text, size_t n);
/* What one segment of a path may hold (pchar); may be empty. */
bool uri_is_segment(const char *text, size_t n);
/* Letters, digits and the marks that an address may hold unescaped, or a space. */
bool uri_is_plain(const char *text, size_t n);
