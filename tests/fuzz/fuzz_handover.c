#include "format/handover.h"
#include "format/journal_lines.h"
#include "fuzz/fuzz.h"

/* Another server's lines: what is read is written again and means the same. */
static void same_part(const PrivatePart *p) {
    char line[JOURNAL_LINE_MAX];
    PrivatePart again;
    FILE *f = fmemopen(line, sizeof line, "w");
    assert(f != NULL && private_part_write(f, p, NULL));
    size_t n = (size_t)ftell(f);
    fclose(f);
    assert(private_part_read(line, n - 1, &again, NULL));
    assert(again.entry == p->entry && strcmp(again.part, p->part) == 0);
}

void fuzz_one(const uint8_t *data, size_t n) {
    PrivatePart part;
    InvitationLine invitation;
    JournalLine line;
    if (private_part_read((const char *)data, n, &part, NULL))
        same_part(&part);
    if (invitation_line_read((const char *)data, n, &invitation, NULL))
        assert(invitation.created_ms >= 0 &&
               memchr(invitation.identity, 0, sizeof invitation.identity) != NULL);
    if (journal_line_read((const char *)data, n, 1, &line, NULL))
        assert(line.event_n < n && line.event > (const char *)data);
}
