/* What a server hands over to the next one beside the public export: JSON lines, read as those of a
 * stranger.
 *
 *   private.jsonl      {"entry":N,"salt":"0x...","part":"{\"identity\":...}"}   entries' private
 * parts invitations.jsonl  {"address":"0x...","identity":"...","created_ms":N}
 *
 * Whether a part is the one that its entry committed to, the journal tells. Threads: plain values.
 */
#pragma once

#include "base/err.h"
#include "base/limits.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define PRIVATE_PART_MAX 512

typedef struct {
    uint64_t entry; /* of the journal, from 1 */
    uint8_t salt[32];
    char part[PRIVATE_PART_MAX + 1];
    size_t part_n;
} PrivatePart;

bool private_part_write(FILE *out, const PrivatePart *p, CvkErr *err) MUST_USE;
/* One line without newline. Errors: format/doc.h. */
bool private_part_read(const char *line, size_t n, PrivatePart *ret, CvkErr *err) MUST_USE;

typedef struct {
    uint8_t address[20];
    char identity[LIMIT_IDENTITY + 1];
    int64_t created_ms;
} InvitationLine;

bool invitation_line_write(FILE *out, const InvitationLine *i, CvkErr *err) MUST_USE;
bool invitation_line_read(const char *line, size_t n, InvitationLine *ret, CvkErr *err) MUST_USE;
