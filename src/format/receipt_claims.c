#include "base/alloc.h"
#include "format/doc.h"
#include "format/receipt.h"

#include <assert.h>
#include <string.h>

enum { J_ENTRY, J_EVENT, J_ROOT, J_PATH, J_N };
static const char *const journal_names[J_N] = {"entry", "event", "root", "path"};

void receipt_journal_write(JsonWriter *w, const ReceiptJournal *j) {
    assert(j->path.n <= MERKLE_PATH_MAX);
    json_put_key(w, "journal");
    json_object_begin(w);
    json_put_key(w, journal_names[J_ENTRY]);
    json_put_uint(w, j->entry);
    json_put_key(w, journal_names[J_EVENT]);
    json_put_str(w, j->event);
    json_put_key(w, journal_names[J_ROOT]);
    json_put_hex(w, j->root, sizeof j->root);
    json_put_key(w, journal_names[J_PATH]);
    json_array_begin(w);
    for (size_t i = 0; i < j->path.n; i++)
        json_put_hex(w, j->path.hash[i], sizeof j->path.hash[i]);
    json_array_end(w);
    json_object_end(w);
}

bool receipt_journal_holds(const ReceiptJournal *j) {
    uint8_t leaf[MERKLE_HASH];
    if (j->entry == 0)
        return false;
    cvk_merkle_leaf(j->event, strlen(j->event), leaf);
    return cvk_merkle_holds(leaf, j->entry - 1, j->entry, &j->path, j->root);
}

/* ---- reading ---- */

static bool read_path(JsonReader *r, CvkMerklePath *path, CvkErr *err) {
    bool more;
    if (!json_read_array(r, err))
        return false;
    while (json_read_more(r, &more, err)) {
        if (!more)
            return true;
        if (path->n == MERKLE_PATH_MAX)
            return json_read_fail(r, err, CVK_ELIMIT, "doc.limit", "a path of more than %d hashes",
                                  MERKLE_PATH_MAX);
        if (!doc_hex(r, path->hash[path->n++], MERKLE_HASH, err))
            return false;
    }
    return false;
}

static bool journal_field(JsonReader *r, size_t which, void *ctx, CvkErr *err) {
    ReceiptJournal *j = ctx;
    switch (which) {
    case J_ENTRY:
        return json_read_uint(r, UINT64_MAX, &j->entry, err);
    case J_EVENT:
        return doc_text(r, j->event, sizeof j->event, err);
    case J_ROOT:
        return doc_hex(r, j->root, sizeof j->root, err);
    default:
        return read_path(r, &j->path, err);
    }
}

enum { C_CEREMONY, C_INDEX, C_RESPONSE, C_TIME, C_JOURNAL, C_N };
static const char *const claim_names[C_N] = {"ceremony", "index", "response", "time", "journal"};

static bool claim_field(JsonReader *r, size_t which, void *ctx, CvkErr *err) {
    static const DocObject journal = {.names = journal_names, .n = J_N, .field = journal_field};
    ReceiptClaims *c = ctx;
    switch (which) {
    case C_CEREMONY:
        return doc_text(r, c->ceremony, sizeof c->ceremony, err);
    case C_INDEX:
        c->has_index = true;
        return json_read_uint(r, UINT64_MAX, &c->index, err);
    case C_RESPONSE:
        c->has_response = true;
        return doc_hex(r, c->response, sizeof c->response, err);
    case C_TIME:
        return doc_text(r, c->time, sizeof c->time, err);
    default:
        c->has_journal = true;
        return doc_object(r, &journal, &c->journal, err);
    }
}

bool receipt_claims_read(const char *text, ReceiptClaims *ret, CvkErr *err) {
    static const DocObject claims = {.names = claim_names,
                                     .n = C_N,
                                     .optional = (1u << C_N) - 1,
                                     .open = true,
                                     .field = claim_field};
    JsonMemory m = {.data = text, .n = strlen(text)};
    ReceiptClaims c = {0};
    _cleanup_(json_reader_free_at) JsonReader *r =
        json_reader_new(json_from_memory(&m), LIMIT_REPLY, err);
    if (r == NULL || !doc_object(r, &claims, &c, err) || !json_read_end(r, err))
        return false;
    *ret = c;
    return true;
}
