#include "cli/receipt_check.h"

#include "engine/event_json.h"
#include "format/journal_lines.h"

#include <assert.h>
#include <string.h>

_Static_assert(RECEIPT_EVENT_MAX >= EVENT_JSON_MAX, "a receipt can quote every entry");

const char *receipt_proof_fault(const ReceiptClaims *c) {
    Event e;
    if (!receipt_journal_holds(&c->journal))
        return "the entry that it quotes and its proof do not lead to the root that it names";
    if (!event_read(c->journal.event, strlen(c->journal.event), &e, NULL) ||
        e.type != EVENT_CONTRIBUTION_ACCEPTED)
        return "the entry that it quotes is no acceptance of a contribution";
    if (!c->has_index || !c->has_response || e.u.accepted.index != c->index ||
        memcmp(e.u.accepted.response, c->response, sizeof c->response) != 0)
        return "the entry that it quotes is the acceptance of another contribution";
    return NULL;
}

/* ---- against a journal ---- */

static uint64_t highest_bit(uint64_t n) {
    uint64_t bit = UINT64_C(1) << 63;
    while ((n & bit) == 0)
        bit >>= 1;
    return bit;
}

/* The complete subtrees of the tree of N - 1 entries, the largest first: the proof lists their
 * roots from the last. */
typedef struct {
    const ReceiptJournal *claim;
    CvkMerkle tree;    /* of the journal, as far as it was read */
    size_t stretch;    /* the one that is read now */
    uint64_t from, to; /* its entries: from + 1 up to `to` */
    bool differs;
} Walk;

static void next_stretch(Walk *w) {
    uint64_t left = w->claim->entry - 1 - w->to;
    w->from = w->to;
    w->to += left == 0 ? 1 : highest_bit(left); /* last comes entry N itself */
}

static bool stretch_differs(const Walk *w, const uint8_t leaf[MERKLE_HASH]) {
    const ReceiptJournal *j = w->claim;
    if (w->to < j->entry)
        return memcmp(w->tree.peak[w->stretch], j->path.hash[j->path.n - 1 - w->stretch],
                      MERKLE_HASH) != 0;
    uint8_t expected[MERKLE_HASH];
    cvk_merkle_leaf(j->event, strlen(j->event), expected);
    return memcmp(leaf, expected, sizeof expected) != 0;
}

/* False once there is nothing more to find out: `differs`, or the whole tree is read. */
static bool take_line(void *ctx, uint64_t number, char *text, size_t n, CvkErr *err) {
    Walk *w = ctx;
    JournalLine line;
    uint8_t leaf[MERKLE_HASH];
    if (w->tree.n == w->to) {
        w->stretch += w->to != 0;
        next_stretch(w);
    }
    if (!journal_line_read(text, n, number, &line, err))
        return false;
    cvk_merkle_leaf(line.event, line.event_n, leaf);
    cvk_merkle_add(&w->tree, leaf);
    w->differs = w->tree.n == w->to && stretch_differs(w, leaf);
    return !w->differs && w->tree.n < w->claim->entry;
}

static bool walk(Walk *w, FILE *journal, CvkErr *err) {
    CvkErr why = {0};
    if (lines_each(journal, take_line, w, &why) || w->differs || w->tree.n == w->claim->entry)
        return true;
    if (strcmp(why.id, "journal.line") != 0 || w->tree.n == 0)
        return cvk_fail(err, why.code, why.id, "%s", why.msg);
    w->differs = true; /* an entry begins there and is none, or not this one */
    w->from = w->tree.n;
    w->to = w->tree.n + 1;
    return true;
}

bool receipt_journal_match(const ReceiptJournal *j, FILE *journal, JournalMatch *ret, CvkErr *err) {
    assert(receipt_journal_holds(j));
    Walk w = {.claim = j};
    if (!walk(&w, journal, err))
        return false;
    *ret = (JournalMatch){.same = !w.differs && w.tree.n == j->entry,
                          .from = w.from + 1,
                          .to = w.to,
                          .ends = !w.differs && w.tree.n < j->entry,
                          .entries = w.tree.n};
    return true;
}
