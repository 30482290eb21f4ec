#include "format/journal_lines.h"

#include "base/hex.h"

#include <assert.h>
#include <string.h>

static const char middle[] = "\",\"event\":";

static int write_head(char *ret, size_t cap, uint64_t seq) {
    return snprintf(ret, cap, "{\"seq\":%llu,\"hash\":\"0x", (unsigned long long)seq);
}

size_t journal_line_put(const JournalLine *l, char ret[JOURNAL_LINE_MAX]) {
    char hash[2 * SHA256_BYTES + 1];
    assert(l->event_n <= JOURNAL_EVENT_MAX);
    size_t n = (size_t)write_head(ret, JOURNAL_LINE_MAX, l->seq);
    cvk_hex_encode(l->hash, sizeof l->hash, hash);
    n += (size_t)snprintf(ret + n, JOURNAL_LINE_MAX - n, "%s%s%.*s}", hash, middle, (int)l->event_n,
                          l->event);
    ret[n] = '\n';
    return n + 1;
}

bool journal_line_write(FILE *out, const JournalLine *l, CvkErr *err) {
    char line[JOURNAL_LINE_MAX];
    size_t n = journal_line_put(l, line);
    return fwrite(line, 1, n, out) == n ||
           cvk_fail_errno(err, "file.write", "cannot write the journal");
}

bool journal_line_read(const char *line, size_t n, uint64_t seq, JournalLine *ret, CvkErr *err) {
    char head[64];
    size_t head_n = (size_t)write_head(head, sizeof head, seq);
    size_t hash_n = 2 * sizeof ret->hash, middle_n = sizeof middle - 1;
    size_t at = head_n + hash_n + middle_n; /* where the event begins */
    if (n < at + 3 || memcmp(line, head, head_n) != 0 ||
        !cvk_hex_decode(line + head_n, sizeof ret->hash, ret->hash) ||
        memcmp(line + head_n + hash_n, middle, middle_n) != 0 || line[n - 1] != '}')
        return cvk_fail(err, CVK_EBADREQ, "journal.line", "line %llu: not entry %llu of a journal",
                        (unsigned long long)seq, (unsigned long long)seq);
    ret->seq = seq;
    ret->event = line + at;
    ret->event_n = n - 1 - at;
    return true;
}

bool lines_each(FILE *f, bool (*fn)(void *ctx, uint64_t number, char *line, size_t n, CvkErr *err),
                void *ctx, CvkErr *err) {
    char line[JOURNAL_LINE_MAX + 1];
    for (uint64_t number = 1; fgets(line, sizeof line, f) != NULL; number++) {
        size_t n = strlen(line); /* a zero byte ends it early, and then it has no newline */
        if (n == 0 || line[n - 1] != '\n')
            return cvk_fail(err, CVK_EBADREQ, "journal.line",
                            "line %llu: is cut off, or longer than %d bytes",
                            (unsigned long long)number, JOURNAL_LINE_MAX);
        line[n - 1] = '\0';
        if (!fn(ctx, number, line, n - 1, err))
            return false;
    }
    return !ferror(f) || cvk_fail_errno(err, "file.read", "cannot read it");
}
