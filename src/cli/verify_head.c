/* A signed head that somebody has kept (GET /journal/head), held against the journal of an export:
 * a server that showed different journals to different people, or another one afterwards, has
 * signed a head that does not fit. */
#include "cli/verify.h"
#include "format/head.h"

#include <inttypes.h>
#include <string.h>

static const char kind[] = "head";

/* Heads are signed at acceptances. NULL: the journal has none at that entry. */
static const Acceptance *acceptance_at(const JournalFacts *facts, uint64_t entry) {
    const Acceptance *all = facts->accepted.items;
    for (size_t i = 0; i < facts->accepted.n; i++)
        if (all[i].entry == entry)
            return &all[i];
    return NULL;
}

/* By the key that had the journal then; the manifest's where the journal does not tell. */
static bool is_by_server(const SignedHead *h, const JournalFacts *facts, const Acceptance *a,
                         const RecordsExpected *x) {
    const ServerKey *key = (const ServerKey *)facts->keys.items + a->key;
    uint8_t signer[ETH_ADDRESS_BYTES];
    if (!head_signer(h, signer))
        return false;
    const uint8_t *expected = key->known ? key->address : x->known ? x->server : signer;
    return memcmp(signer, expected, sizeof signer) == 0;
}

static void compare(Verification *v, const char *path, const SignedHead *h,
                    const RecordsExpected *x) {
    const JournalFacts *facts = &v->journal;
    uint64_t n = h->head.entries;
    const Acceptance *a = acceptance_at(facts, n);
    if (strcmp(h->head.ceremony, facts->ceremony) != 0)
        verify_tell_text(v, path, kind, OUTCOME_INVALID, "head.ceremony",
                         "it is of another ceremony, '%s'", h->head.ceremony);
    else if (a == NULL)
        verify_tell_text(v, path, kind, OUTCOME_INVALID, "head.journal",
                         "the journal has no contribution at entry %" PRIu64
                         ", where this head was signed: it is an older one, or another",
                         n);
    else if (!is_by_server(h, facts, a, x))
        verify_tell_text(v, path, kind, OUTCOME_INVALID, "head.signature",
                         "not signed by the server's key");
    else if (memcmp(a->root, h->head.root, sizeof a->root) != 0)
        verify_tell_text(v, path, kind, OUTCOME_INVALID, "head.journal",
                         "it vouches for another journal: among the first %" PRIu64
                         " entries something was changed, dropped, moved or invented",
                         n);
    else
        verify_tell_text(v, path, kind, OUTCOME_VALID, "valid",
                         "signed by the server, and for this journal up to entry %" PRIu64, n);
}

void verify_own_head(Verification *v, const char *path, const RecordsExpected *x) {
    SignedHead h;
    CvkErr err;
    if (head_read_file(path, &h, &err))
        compare(v, path, &h, x);
    else
        verify_tell_text(v, path, kind, OUTCOME_UNUSABLE, err.id, "%s", err.msg);
}
