/* The journal of an export: the chain of its hashes, every step possible, its Merkle root, whose
 * key was in force when, and who its participants are. */
#include "base/hex.h"
#include "base/sha256.h"
#include "cli/say.h"
#include "cli/verify.h"
#include "engine/event_json.h"
#include "format/head.h"
#include "format/journal_lines.h"
#include "setup/kzg_record.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    Verification *v;
    const RecordsExpected *x;
    EngineState *state;
    uint64_t line;
    uint8_t hash[SHA256_BYTES];
    CvkMerkle tree; /* of the lines before this one */
    size_t opened;  /* how many of the openings were used */
} Journal;

static bool fail_line(const Journal *j, CvkErr *err, const char *id, const char *what) {
    return cvk_fail(err, CVK_EBADREQ, id, "line %" PRIu64 ": %s", j->line, what);
}

/* ---- whose journal it is ---- */

static bool add_key(Journal *j, const uint8_t address[ETH_ADDRESS_BYTES], CvkErr *err) {
    static const uint8_t nobody[ETH_ADDRESS_BYTES] = {0};
    ServerKey *key = doc_list_add(&j->v->journal.keys, err);
    if (key == NULL)
        return false;
    key->known = memcmp(address, nobody, sizeof nobody) != 0;
    memcpy(key->address, address, sizeof key->address);
    return true;
}

static ServerKey *key_in_force(const JournalFacts *facts) {
    return facts->keys.n == 0 ? NULL : (ServerKey *)facts->keys.items + facts->keys.n - 1;
}

/* A key that was not named is the one that signs. */
static bool is_by(ServerKey *key, const uint8_t signer[ETH_ADDRESS_BYTES]) {
    if (!key->known)
        memcpy(key->address, signer, sizeof key->address);
    key->known = true;
    return memcmp(key->address, signer, sizeof key->address) == 0;
}

static bool check_opened(Journal *j, const Event *e, CvkErr *err) {
    JournalFacts *facts = &j->v->journal;
    if (j->x->known && memcmp(e->u.opened.definition, j->x->definition, SHA256_BYTES) != 0)
        return fail_line(j, err, "journal.definition", "definition.json is not what was opened");
    snprintf(facts->ceremony, sizeof facts->ceremony, "%s", e->u.opened.name);
    if (!add_key(j, e->u.opened.key, err))
        return false;
    facts->proofs = key_in_force(facts)->known;
    return true;
}

/* The old server gave the journal as it was up to here, to this key. */
static bool check_taken_over(Journal *j, const Event *e, CvkErr *err) {
    JournalFacts *facts = &j->v->journal;
    uint8_t root[MERKLE_HASH], signer[ETH_ADDRESS_BYTES];
    SignedHead h = {.head = {.entries = j->tree.n}};
    cvk_merkle_root(&j->tree, root);
    if (memcmp(root, e->u.taken_over.root, sizeof root) != 0)
        return fail_line(j, err, "journal.takeover",
                         "the journal that was taken over is not the one up to here");
    snprintf(h.head.ceremony, sizeof h.head.ceremony, "%s", facts->ceremony);
    memcpy(h.head.root, root, sizeof root);
    memcpy(h.signature, e->u.taken_over.signature, sizeof h.signature);
    if (!head_signer(&h, signer) || !is_by(key_in_force(facts), signer))
        return fail_line(j, err, "journal.takeover",
                         "what was taken over is not signed by the server that had it");
    return add_key(j, e->u.taken_over.key, err);
}

/* ---- whose contributions ---- */

/* Brings the name back that the journal committed to, if participants.json opens it: so the engine
 * sees when somebody is admitted twice. */
static bool open_admission(Journal *j, Event *e, CvkErr *err) {
    const Opening *o = openings_find(j->v->openings, j->v->n_openings, e->u.admitted.participant);
    CvkBuf part = CVK_BUF(EVENT_PRIVATE_MAX);
    Event named = *e;
    if (o == NULL)
        return true;
    snprintf(named.u.admitted.identity, sizeof named.u.admitted.identity, "%s", o->identity);
    bool ok =
        event_private_write(&named, &part, err) && event_open(e, o->salt, part.data, part.n, err);
    cvk_buf_done(&part);
    j->opened += ok;
    return ok || cvk_fail_prefix(err, "line %" PRIu64 " and participants.json", j->line);
}

/* What the transcript keeps of contribution `entry`, as the journal hashes it. */
static bool record_hash(const KzgTranscriptWire *t, size_t entry, uint8_t ret[SHA256_BYTES]) {
    _cleanup_buf_ CvkBuf record = CVK_BUF(LIMIT_RECORD);
    CvkErr ignored;
    if (!kzg_record_of_entry(t, entry, &record, &ignored))
        return false;
    cvk_sha256(record.data, record.n, ret);
    return true;
}

/* Contributions that the transcript has, too, are the same in both. */
static bool match_transcript(const Journal *j, const Event *e, CvkErr *err) {
    const KzgTranscriptWire *t = j->v->transcript;
    uint64_t entry = e->u.accepted.index;
    uint8_t record[SHA256_BYTES];
    if (t == NULL || entry >= t->n_ids)
        return true;
    EngineView view;
    engine_view(j->state, &view);
    bool named = view.lease.identity[0] != '\0';
    if (!named && !j->v->nameless)
        return fail_line(j, err, "journal.unopened",
                         "participants.json does not say who contributed here");
    if (named && strcmp(t->ids[entry], view.lease.identity) != 0)
        return fail_line(j, err, "journal.identity",
                         "the transcript has this contribution in another name");
    if (!record_hash(t, entry, record) || memcmp(record, e->u.accepted.record, sizeof record) != 0)
        return fail_line(j, err, "journal.record",
                         "the transcript's contribution is not the one accepted here");
    return true;
}

/* `after`: the tree with this line. */
static bool note_accepted(Journal *j, const CvkMerkle *after, CvkErr *err) {
    JournalFacts *facts = &j->v->journal;
    Acceptance *a = doc_list_add(&facts->accepted, err);
    if (a == NULL)
        return false;
    a->entry = j->line;
    a->key = facts->keys.n - 1;
    cvk_merkle_root(after, a->root);
    return true;
}

/* ---- line by line ---- */

/* Before the engine is asked: what a name needs to be there. */
static bool prepare(Journal *j, Event *e, CvkErr *err) {
    return e->type != EVENT_PARTICIPANT_ADMITTED || open_admission(j, e, err);
}

/* What the engine admits and others can contradict. */
static bool check_meaning(Journal *j, const Event *e, const CvkMerkle *after, CvkErr *err) {
    if (e->type == EVENT_CEREMONY_OPENED)
        return check_opened(j, e, err);
    if (e->type == EVENT_TAKEN_OVER)
        return check_taken_over(j, e, err);
    return e->type != EVENT_CONTRIBUTION_ACCEPTED ||
           (match_transcript(j, e, err) && note_accepted(j, after, err));
}

static bool take_event(Journal *j, const JournalLine *line, CvkErr *err) {
    CvkMerkle after = j->tree;
    uint8_t leaf[MERKLE_HASH];
    Event e;
    cvk_merkle_leaf(line->event, line->event_n, leaf);
    cvk_merkle_add(&after, leaf);
    if (!event_read(line->event, line->event_n, &e, err))
        return cvk_fail_prefix(err, "line %" PRIu64, j->line);
    if (!prepare(j, &e, err))
        return false;
    if (!engine_admits(j->state, &e, err))
        return cvk_fail_prefix(err, "line %" PRIu64, j->line);
    if (!check_meaning(j, &e, &after, err) || !engine_reserve(j->state, 1, err))
        return false;
    engine_apply(j->state, &e);
    j->tree = after;
    return true;
}

static bool check_line(void *ctx, uint64_t number, char *text, size_t n, CvkErr *err) {
    Journal *j = ctx;
    uint8_t expected[SHA256_BYTES];
    JournalLine line;
    j->line = number;
    if (!journal_line_read(text, n, number, &line, err))
        return false;
    if (line.event_n > EVENT_JSON_MAX)
        return fail_line(j, err, "journal.line", "its event is too long");
    event_chain(j->hash, line.event, line.event_n, expected);
    if (memcmp(line.hash, expected, sizeof expected) != 0)
        return fail_line(j, err, "journal.chain", "its hash does not continue the chain");
    memcpy(j->hash, line.hash, sizeof j->hash);
    return take_event(j, &line, err);
}

/* ---- its end ---- */

static bool check_manifest_root(const Journal *j, CvkErr *err) {
    uint8_t root[MERKLE_HASH];
    cvk_merkle_root(&j->tree, root);
    return !j->x->has_root || memcmp(root, j->x->root, sizeof root) == 0 ||
           cvk_fail(err, CVK_EBADREQ, "journal.root",
                    "the root of its Merkle tree is not the manifest's");
}

static bool check_state(const Journal *j, CvkErr *err) {
    const RecordsExpected *x = j->x;
    EngineView view;
    engine_view(j->state, &view);
    bool as_many = x->finalized ? view.contributions == x->contributions
                                : view.contributions >= x->contributions; /* it went on */
    if (!as_many || view.finalized != x->finalized)
        return cvk_fail(err, CVK_EBADREQ, "journal.state",
                        "it leads to another state than the manifest says");
    if (!is_by(key_in_force(&j->v->journal), x->server))
        return cvk_fail(err, CVK_EBADREQ, "journal.key",
                        "the manifest is not signed by the key whose journal it is");
    return true;
}

static bool check_end(const Journal *j, CvkErr *err) {
    const RecordsExpected *x = j->x;
    if (j->line == 0)
        return cvk_fail(err, CVK_EBADREQ, "journal.end", "it is empty");
    if (j->opened != j->v->n_openings)
        return cvk_fail(err, CVK_EBADREQ, "journal.openings",
                        "participants.json names %zu people whom the journal does not have",
                        j->v->n_openings - j->opened);
    if (!x->known)
        return true;
    if (j->line != x->entries || memcmp(j->hash, x->head, sizeof j->hash) != 0)
        return cvk_fail(err, CVK_EBADREQ, "journal.end",
                        "it ends at line %" PRIu64 ", not where the manifest says (%" PRIu64 ")",
                        j->line, x->entries);
    return check_manifest_root(j, err) && check_state(j, err);
}

void verify_journal(Verification *v, FILE *f, const char *shown, const RecordsExpected *x) {
    Journal j = {.v = v, .x = x};
    CvkErr err;
    v->journal.accepted = (DocList){.item_size = sizeof(Acceptance), .max = LIMIT_CONTRIBUTIONS};
    v->journal.keys = (DocList){.item_size = sizeof(ServerKey), .max = LIMIT_CONTRIBUTIONS};
    j.state = engine_state_new(&err);
    v->journal.whole =
        j.state != NULL && lines_each(f, check_line, &j, &err) && check_end(&j, &err);
    char count[48];
    if (v->journal.whole)
        verify_tell_text(v, shown, "journal", OUTCOME_VALID, "valid",
                         "%s: the chain of hashes, every step possible, %zu accepted",
                         say_count(j.line, "event", count, sizeof count), v->journal.accepted.n);
    else
        verify_tell_error(v, shown, "journal", &err);
    engine_state_free(j.state);
}

/* ---- the participants ---- */

void verify_participants(Verification *v, FILE *f, const char *shown) {
    CvkErr err;
    char count[48];
    if (openings_read(json_from_file(f), &v->openings, &v->n_openings, &err))
        verify_tell_text(v, shown, "participants", OUTCOME_VALID, "valid",
                         "%s by name, to be held against the journal",
                         say_count(v->n_openings, "participant", count, sizeof count));
    else
        verify_tell_error(v, shown, "participants", &err);
}
