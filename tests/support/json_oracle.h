/* jansson as the judge of codec/json_read: does it accept and refuse the same documents, and find
 * the same values? Used by a property test and by the fuzzer.
 *
 * The known, deliberate differences, which are no complaint:
 * - ours refuses nesting, strings and documents over its caps (CVK_ELIMIT), jansson's are higher;
 * - jansson refuses numbers beyond int64 and double; ours takes any number whose text is asked for,
 *   and skips any;
 * - jansson overlooks a raw zero byte right after a number, true, false or null; no document with
 *   one is JSON, and ours must refuse it.
 * Both refuse encoded zero bytes, lone surrogates and invalid UTF-8; both let the last of equal
 * keys win here. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

typedef struct {
    bool accepted;         /* by our reader */
    const char *complaint; /* NULL: they agree */
} JsonJudgement;

/* `piece`: how many bytes our reader gets at a time. */
JsonJudgement json_oracle(const char *text, size_t n, size_t piece);
