/* The new server's side: a bundle, read as a stranger's, becomes a ceremony of this directory. */
#include "run/handover.h"

#include "base/alloc.h"
#include "base/file.h"
#include "base/hex.h"
#include "base/sha256.h"
#include "engine/event_json.h"
#include "format/handover.h"
#include "format/head.h"
#include "format/journal_lines.h"
#include "format/manifest.h"
#include "format/receipt.h"
#include "format/receipt_list.h"
#include "run/node_private.h"
#include "run/preset.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What the journal says of one accepted contribution. */
typedef struct {
    uint64_t seq;
    uint64_t participant;
    uint8_t response[32], record[32];
    uint8_t signer[ENGINE_KEY_BYTES]; /* whose receipts were issued then */
    char *receipt, signature[2 * ETH_SIGNATURE_BYTES + 1];
} Accepted;

typedef struct {
    Node *n;
    char public[LIMIT_PATH];
    const char *bundle;
    Store *store; /* in its one transaction */
    int64_t id;
    char name[64];
    uint8_t definition[32];
    uint8_t signer[ENGINE_KEY_BYTES]; /* of the manifest, and so of the bundle */
    const Kind *kind;
    void *self;
    EngineState *state;
    uint64_t seq;
    uint8_t chain[32];
    CvkMerkle tree;
    FILE *parts;
    Accepted *accepted;
    size_t n_accepted, cap;
    uint64_t n_records;
} Takeover;

/* ---- files ---- */

static FILE *open_file(const char *dir, const char *name, CvkErr *err) {
    char path[LIMIT_PATH];
    if (!cvk_path(path, dir, name, err))
        return NULL;
    FILE *f = fopen(path, "rb");
    if (f == NULL)
        cvk_fail_errno(err, "file.open", "cannot open '%s'", CVK_SHOWN(path));
    return f;
}

static bool with_file(Takeover *t, const char *dir, const char *name,
                      bool (*read)(Takeover *t, FILE *f, CvkErr *err), CvkErr *err) {
    FILE *f = open_file(dir, name, err);
    if (f == NULL)
        return false;
    bool ok = read(t, f, err);
    fclose(f);
    return ok || cvk_fail_prefix(err, "%s", name);
}

/* ---- the manifest ---- */

static bool is_as_listed(Takeover *t, const ManifestFile *m, CvkErr *err) {
    uint8_t hash[SHA256_BYTES];
    uint64_t size = 0;
    FILE *f = open_file(t->public, m->name, err);
    if (f == NULL)
        return false;
    bool ok = cvk_sha256_file(f, &size, hash, err);
    fclose(f);
    return ok && ((size == m->size && memcmp(hash, m->sha256, sizeof hash) == 0) ||
                  cvk_fail(err, CVK_EBADREQ, "manifest.sha256",
                           "public/%s is not the file that the manifest lists", m->name));
}

/* The public files are those that the old server has signed for. */
static bool take_manifest(Takeover *t, FILE *f, CvkErr *err) {
    _cleanup_free_ Manifest *m = cvk_alloc(1, sizeof *m, err);
    _cleanup_free_ char *text = cvk_alloc(MANIFEST_MAX, 1, err);
    if (m == NULL || text == NULL || !manifest_read(text, fread(text, 1, MANIFEST_MAX, f), m, err))
        return false;
    for (size_t i = 0; i < m->n_files; i++)
        if (!is_as_listed(t, &m->files[i], err))
            return false;
    return eth_address_parse(m->server, t->signer) ||
           cvk_fail(err, CVK_EBADREQ, "manifest.server", "it names no server");
}

/* ---- the definition ---- */

#define DEFINITION_BYTES 16384

static bool take_definition(Takeover *t, FILE *f, CvkErr *err) {
    char json[DEFINITION_BYTES];
    Definition d;
    size_t n = fread(json, 1, sizeof json - 1, f);
    json[n] = '\0';
    if (strlen(json) != n)
        return cvk_fail(err, CVK_EBADREQ, "json.syntax", "a zero byte is in it");
    if (!definition_read(json, &d, err))
        return false;
    snprintf(t->name, sizeof t->name, "%s", d.name);
    cvk_sha256(json, n, t->definition);
    t->kind = kind_find(d.kind);
    if (t->kind == NULL)
        return cvk_fail(err, CVK_EBADREQ, "ceremony.kind", "there is no kind '%s'", d.kind);
    return t->kind->make(d.sizes, &t->self, err) &&
           node_add_row(t->n, t->store, d.name, d.kind, json, &t->id, err);
}

/* ---- the journal ---- */

/* The private part of this entry: the next line of private.jsonl. */
static bool open_part(Takeover *t, Event *e, uint64_t seq, PrivatePart *ret, CvkErr *err) {
    char line[JOURNAL_LINE_MAX];
    if (fgets(line, sizeof line, t->parts) == NULL)
        return cvk_fail(err, CVK_EBADREQ, "handover.part", "private.jsonl ends before entry %llu",
                        (unsigned long long)seq);
    size_t n = strlen(line);
    if (n == 0 || line[n - 1] != '\n' || !private_part_read(line, n - 1, ret, err))
        return cvk_fail_prefix(err, "private.jsonl");
    if (ret->entry != seq)
        return cvk_fail(err, CVK_EBADREQ, "handover.part",
                        "private.jsonl has entry %llu where entry %llu is due",
                        (unsigned long long)ret->entry, (unsigned long long)seq);
    return event_open(e, ret->salt, ret->part, ret->part_n, err);
}

static bool note_accepted(Takeover *t, const Event *e, uint64_t seq, CvkErr *err) {
    EngineView view;
    if (!cvk_grow(&t->accepted, t->n_accepted, &t->cap, sizeof *t->accepted, err))
        return false;
    engine_view(t->state, &view);
    Accepted *a = &t->accepted[t->n_accepted++];
    *a = (Accepted){.seq = seq, .participant = view.lease.participant};
    memcpy(a->response, e->u.accepted.response, sizeof a->response);
    memcpy(a->record, e->u.accepted.record, sizeof a->record);
    memcpy(a->signer, view.key, sizeof a->signer);
    return true;
}

/* Stores an entry that was checked, and lets the state follow. */
static bool append(Takeover *t, const StoreEntry *entry, const Event *e, CvkErr *err) {
    uint8_t leaf[MERKLE_HASH];
    if (!engine_reserve(t->state, 1, err) || !store_journal_append(t->store, t->id, entry, err) ||
        (e->type == EVENT_CONTRIBUTION_ACCEPTED && !note_accepted(t, e, entry->seq, err)))
        return false;
    engine_apply(t->state, e);
    t->seq = entry->seq;
    memcpy(t->chain, entry->hash, sizeof t->chain);
    cvk_merkle_leaf(entry->json, entry->n, leaf);
    cvk_merkle_add(&t->tree, leaf);
    return true;
}

static bool take_entry(void *ctx, uint64_t number, char *text, size_t n, CvkErr *err) {
    Takeover *t = ctx;
    JournalLine line;
    PrivatePart part;
    Event e;
    if (!journal_line_read(text, n, number, &line, err))
        return false;
    StoreEntry entry = {.seq = number, .json = line.event, .n = line.event_n};
    if (!event_read(line.event, line.event_n, &e, err))
        return cvk_fail_prefix(err, "entry %llu", (unsigned long long)number);
    event_chain(t->chain, line.event, line.event_n, entry.hash);
    if (memcmp(entry.hash, line.hash, sizeof entry.hash) != 0)
        return cvk_fail(err, CVK_EBADREQ, "journal.chain",
                        "entry %llu: its hash does not continue the chain",
                        (unsigned long long)number);
    if (event_has_private(&e)) {
        if (!open_part(t, &e, number, &part, err))
            return false;
        entry.part = part.part;
        entry.part_n = part.part_n;
        memcpy(entry.salt, part.salt, sizeof entry.salt);
    }
    if (e.type == EVENT_CEREMONY_OPENED &&
        memcmp(e.u.opened.definition, t->definition, sizeof t->definition) != 0)
        return cvk_fail(err, CVK_EBADREQ, "journal.definition",
                        "definition.json is not what was opened");
    if (!engine_admits(t->state, &e, err))
        return cvk_fail_prefix(err, "entry %llu", (unsigned long long)number);
    return append(t, &entry, &e, err);
}

static bool take_journal(Takeover *t, FILE *f, CvkErr *err) {
    t->parts = open_file(t->bundle, "private.jsonl", err);
    if (t->parts == NULL || !lines_each(f, take_entry, t, err))
        return false;
    return getc(t->parts) == EOF ||
           cvk_fail(err, CVK_EBADREQ, "handover.part",
                    "private.jsonl has parts of entries that are not there");
}

/* ---- receipts and records, against the journal ---- */

static bool take_receipt(void *ctx, uint64_t index, const char *text,
                         const uint8_t signature[ETH_SIGNATURE_BYTES], CvkErr *err) {
    Takeover *t = ctx;
    uint8_t signer[ETH_ADDRESS_BYTES];
    static const uint8_t unknown[ENGINE_KEY_BYTES]; /* version 1 journals name no key */
    if (index > t->n_accepted)
        return cvk_fail(err, CVK_EBADREQ, "receipt.count", "more receipts than contributions");
    Accepted *a = &t->accepted[index - 1];
    if (!kzg_receipt_signer(text, signature, signer) ||
        (memcmp(a->signer, unknown, sizeof unknown) != 0 &&
         memcmp(a->signer, signer, sizeof signer) != 0))
        return cvk_fail(err, CVK_EBADREQ, "receipt.signature",
                        "receipt %llu was not signed by the server of its time",
                        (unsigned long long)index);
    cvk_hex_encode(signature, ETH_SIGNATURE_BYTES, a->signature);
    a->receipt = cvk_strdup(text, err);
    return a->receipt != NULL;
}

static bool take_receipts(Takeover *t, FILE *f, CvkErr *err) {
    return receipt_list_each(json_from_file(f), LIMIT_JSON_FILE, take_receipt, t, err);
}

static bool add_keys(Takeover *t, const KindResult *r, CvkErr *err) {
    for (size_t i = 0; i < r->n_keys; i++)
        if (!store_key_add(t->store, t->id, r->keys.data + i * r->key_size, r->key_size, err))
            return false;
    return true;
}

static bool take_record(void *ctx, uint64_t index, const char *identity, const KindResult *r,
                        CvkErr *err) {
    Takeover *t = ctx;
    uint8_t hash[SHA256_BYTES];
    EnginePerson person;
    cvk_sha256(r->record.data, r->record.n, hash);
    if (index != ++t->n_records || index > t->n_accepted ||
        memcmp(hash, t->accepted[index - 1].record, sizeof hash) != 0)
        return cvk_fail(err, CVK_EBADREQ, "handover.record",
                        "contribution %llu is not the one that the journal accepted",
                        (unsigned long long)index);
    const Accepted *a = &t->accepted[index - 1];
    if (!engine_person(t->state, a->participant, NULL, &person) ||
        strcmp(person.identity, identity) != 0)
        return cvk_fail(err, CVK_EBADREQ, "handover.identity",
                        "contribution %llu is in another's name than in the journal",
                        (unsigned long long)index);
    if (a->receipt == NULL)
        return cvk_fail(err, CVK_EBADREQ, "receipt.count", "contribution %llu has no receipt",
                        (unsigned long long)index);
    StoreContribution row = {.index = index,
                             .seq = a->seq,
                             .record = (const uint8_t *)r->record.data,
                             .record_n = r->record.n,
                             .receipt = a->receipt,
                             .receipt_signature = a->signature};
    snprintf(row.identity, sizeof row.identity, "%s", identity);
    memcpy(row.response, a->response, sizeof row.response);
    auth_uploader(t->n->auth, t->id, identity, row.uploader);
    return store_contribution_add(t->store, t->id, &row, err) && add_keys(t, r, err);
}

static bool take_transcript(Takeover *t, FILE *f, CvkErr *err) {
    return t->kind->read_transcript(t->self, f, take_record, t, err) &&
           (t->n_records == t->n_accepted ||
            cvk_fail(err, CVK_EBADREQ, "handover.record",
                     "it has %llu contributions and the journal %zu",
                     (unsigned long long)t->n_records, t->n_accepted));
}

/* ---- the newest response ---- */

static bool copy_response(BlobWriter *w, FILE *f, const uint8_t expected[32], CvkErr *err) {
    char piece[65536];
    uint8_t hash[32];
    int fd;
    for (size_t n; (n = fread(piece, 1, sizeof piece, f)) != 0;)
        if (!blob_write(w, piece, n, err))
            return false;
    if (ferror(f))
        return cvk_fail_errno(err, "file.read", "cannot read it");
    if (!blob_seal(w, hash, &fd, err))
        return false;
    return memcmp(hash, expected, sizeof hash) == 0
               ? blob_keep(w, err)
               : cvk_fail(err, CVK_EBADREQ, "handover.response",
                          "it is not the response that the journal accepted last");
}

static bool take_response(Takeover *t, FILE *f, CvkErr *err) {
    if (t->n_accepted == 0)
        return true;
    BlobWriter *w = blob_writer_new(t->n->dir, LIMIT_BODY, err);
    bool ok = w != NULL && copy_response(w, f, t->accepted[t->n_accepted - 1].response, err);
    blob_writer_free(w);
    return ok;
}

/* ---- invitations ---- */

/* One that is here already is as good. */
static bool take_invitation(void *ctx, uint64_t number, char *line, size_t n, CvkErr *err) {
    (void)number;
    Takeover *t = ctx;
    InvitationLine i;
    if (!invitation_line_read(line, n, &i, err))
        return false;
    StoreInvitation row = {.created_ms = i.created_ms};
    memcpy(row.address, i.address, sizeof row.address);
    snprintf(row.identity, sizeof row.identity, "%s", i.identity);
    CvkErr why;
    if (store_invitation_add(t->store, &row, &why) || strcmp(why.id, "invitation.exists") == 0)
        return true;
    *err = why;
    return false;
}

static bool take_invitations(Takeover *t, FILE *f, CvkErr *err) {
    return lines_each(f, take_invitation, t, err);
}

/* ---- taking over ---- */

/* The old server has signed exactly this journal, and this server's key stands at its end. */
static bool check_head(const Takeover *t, const SignedHead *h, const uint8_t own[ENGINE_KEY_BYTES],
                       CvkErr *err) {
    static const uint8_t unknown[ENGINE_KEY_BYTES]; /* version 1 journals name no key */
    uint8_t signer[ETH_ADDRESS_BYTES], root[MERKLE_HASH];
    EngineView view;
    engine_view(t->state, &view);
    if (!view.handed_over)
        return cvk_fail(err, CVK_EBADREQ, "handover.not", "the ceremony was not handed over");
    if (memcmp(view.next_key, own, ENGINE_KEY_BYTES) != 0)
        return cvk_fail(err, CVK_EBADREQ, "handover.other",
                        "it was handed over to another server than this one (%s)", t->n->address);
    cvk_merkle_root(&t->tree, root);
    if (h->head.entries != t->seq || memcmp(h->head.root, root, sizeof root) != 0)
        return cvk_fail(err, CVK_EBADREQ, "handover.head",
                        "the signed head is not that of this journal");
    bool named = memcmp(view.key, unknown, sizeof unknown) != 0;
    if (!head_signer(h, signer) || memcmp(signer, t->signer, sizeof signer) != 0 ||
        (named && memcmp(view.key, signer, sizeof signer) != 0))
        return cvk_fail(err, CVK_EBADREQ, "handover.signature",
                        "the head is not signed by the server whose ceremony it was");
    return true;
}

static bool append_take_over(Takeover *t, const Command *command, CvkErr *err) {
    _cleanup_buf_ CvkBuf line = CVK_BUF(EVENT_JSON_MAX);
    Events events;
    Refusal refusal;
    engine_decide(t->state, NULL, command, run_clock_now(t->n->clock), &events, &refusal);
    if (refusal != REFUSAL_NONE || events.n != 1)
        return cvk_fail(err, CVK_EBADREQ, "handover.refused", "cannot be taken over: %s",
                        refusal_name(refusal));
    if (!event_write(&events.at[0], &line, err))
        return false;
    StoreEntry entry = {.seq = t->seq + 1, .json = line.data, .n = line.n};
    event_chain(t->chain, line.data, line.n, entry.hash);
    if (!append(t, &entry, &events.at[0], err))
        return false;
    StoreHead head = {.seq = t->seq};
    memcpy(head.hash, t->chain, sizeof head.hash);
    cvk_merkle_root(&t->tree, head.root);
    return store_head_put(t->store, t->id, &head, err);
}

static bool take_over(Takeover *t, FILE *f, CvkErr *err) {
    char text[HEAD_MAX];
    SignedHead head;
    uint8_t own[ENGINE_KEY_BYTES];
    size_t n = fread(text, 1, sizeof text, f);
    if (!head_read(text, n, &head, err) || !eth_key_address(t->n->key, own, err) ||
        !check_head(t, &head, own, err))
        return false;
    Command command = {
        .type = COMMAND_TAKE_OVER, .key = own, .hash = head.head.root, .signature = head.signature};
    return append_take_over(t, &command, err);
}

static bool take_all(Takeover *t, CvkErr *err) {
    return with_file(t, t->public, "manifest.json", take_manifest, err) &&
           with_file(t, t->public, "definition.json", take_definition, err) &&
           with_file(t, t->public, "journal.jsonl", take_journal, err) &&
           with_file(t, t->public, "receipts.json", take_receipts, err) &&
           with_file(t, t->public, "transcript.json", take_transcript, err) &&
           with_file(t, t->bundle, "response.bin", take_response, err) &&
           with_file(t, t->bundle, "invitations.jsonl", take_invitations, err) &&
           with_file(t, t->bundle, "head.json", take_over, err);
}

static bool in_transaction(Takeover *t, CvkErr *err) {
    if (!store_begin(t->store, err))
        return false;
    if (take_all(t, err) && store_commit(t->store, err))
        return true;
    store_rollback(t->store);
    return false;
}

static void done(Takeover *t) {
    for (size_t i = 0; i < t->n_accepted; i++)
        free(t->accepted[i].receipt);
    free(t->accepted);
    if (t->parts != NULL)
        fclose(t->parts);
    if (t->self != NULL)
        t->kind->free(t->self);
    engine_state_free(t->state);
    store_close(t->store);
}

bool node_take_over(Node *n, const char *bundle, char ret_name[64], CvkErr *err) {
    Takeover t = {.n = n, .bundle = bundle};
    Ceremony *c;
    t.state = engine_state_new(err);
    bool ok = t.state != NULL && node_has_room(n, err) &&
              cvk_path(t.public, bundle, "public", err) &&
              store_open(n->store_path, false, &t.store, err) && in_transaction(&t, err);
    snprintf(ret_name, sizeof t.name, "%s", t.name);
    done(&t);
    return ok && node_open_ceremony(n, ret_name, &c, err);
}
