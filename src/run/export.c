/* Exporting: the files by which anybody can check a ceremony without its server. */
#include "base/file.h"
#include "base/merkle.h"
#include "base/sha256.h"
#include "codec/json_write.h"
#include "engine/event_json.h"
#include "format/doc.h"
#include "format/journal_lines.h"
#include "format/manifest.h"
#include "format/openings.h"
#include "run/ceremony_private.h"
#include "run/preset.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct {
    Ceremony *c;
    const char *out;
    uint64_t last_seq; /* of the journal ... */
    int newest_fd; /* ... and the state that is exported: its response, and the contributions up to
                      it */
    History history;
    Manifest manifest;
    CvkMerkle tree;       /* of the journal, as far as it was written */
    uint64_t holder;      /* whose lease is the newest there */
    DocList contributors; /* participants' numbers; ascending once the journal is written */
} Export;

static bool hash_file(const char *path, uint64_t *ret_size, uint8_t ret[32], CvkErr *err) {
    FILE *f = fopen(path, "rb");
    if (f == NULL)
        return cvk_fail_errno(err, "file.open", "cannot open '%s'", path);
    bool ok = cvk_sha256_file(f, ret_size, ret, err);
    fclose(f);
    return ok;
}

/* A file has been written: it goes into the manifest. */
static bool note_file(void *ctx, const char *name, CvkErr *err) {
    Export *x = ctx;
    char path[LIMIT_PATH];
    assert(x->manifest.n_files < MANIFEST_FILES_MAX);
    ManifestFile *f = &x->manifest.files[x->manifest.n_files++];
    snprintf(f->name, sizeof f->name, "%s", name);
    return cvk_path(path, x->out, name, err) && hash_file(path, &f->size, f->sha256, err);
}

static bool write_file(Export *x, const char *name,
                       bool (*write)(Export *x, FILE *out, CvkErr *err), CvkErr *err) {
    char path[LIMIT_PATH];
    CvkFileOut out;
    if (!cvk_path(path, x->out, name, err) || !cvk_file_out_open(&out, path, 0644, err))
        return false;
    if (!write(x, out.f, err)) {
        cvk_file_out_abandon(&out);
        return false;
    }
    return cvk_file_out_commit(&out, err) && note_file(x, name, err);
}

/* ---- the files ---- */

static bool write_definition(Export *x, FILE *out, CvkErr *err) {
    return fputs(x->c->definition, out) >= 0 || cvk_fail_errno(err, "file.write", "cannot write");
}

static bool write_transcript(Export *x, FILE *out, CvkErr *err) {
    return x->c->kind->write_transcript(x->c->self, x->newest_fd, x->history, (TranscriptPart){0},
                                        out, err);
}

/* ---- the journal ---- */

/* The entries up to the exported state. */
typedef struct {
    Export *x;
    FILE *out;
    JsonWriter w; /* participants.json */
} Lines;

#define PAST_THE_END "export.end"

static bool is_past_the_end(const Lines *l, const StoreEntry *e, CvkErr *err) {
    if (e->seq <= l->x->last_seq)
        return false;
    cvk_fail(err, CVK_OK, PAST_THE_END, "later than what is exported");
    return true;
}

static bool each_entry(Lines *l, bool (*fn)(void *ctx, const StoreEntry *e, CvkErr *err),
                       CvkErr *err) {
    Store *store;
    CvkErr why;
    if (!store_open(l->x->c->store_path, false, &store, err))
        return false;
    bool ok =
        store_journal_each(store, l->x->c->id, 1, fn, l, &why) || strcmp(why.id, PAST_THE_END) == 0;
    store_close(store);
    if (!ok)
        *err = why;
    return ok;
}

/* Version 1 names people where it grants; then they have no number here. */
static bool note_contributor(Export *x, const Event *e, CvkErr *err) {
    if (e->type == EVENT_LEASE_GRANTED)
        x->holder = e->u.granted.participant;
    if (e->type != EVENT_CONTRIBUTION_ACCEPTED || x->holder == 0)
        return true;
    uint64_t *number = doc_list_add(&x->contributors, err);
    if (number != NULL)
        *number = x->holder;
    return number != NULL;
}

static bool write_entry(void *ctx, const StoreEntry *e, CvkErr *err) {
    Lines *l = ctx;
    Manifest *m = &l->x->manifest;
    JournalLine line = {.seq = e->seq, .event = e->json, .event_n = e->n};
    uint8_t leaf[MERKLE_HASH];
    Event event;
    if (is_past_the_end(l, e, err) || !event_read(e->json, e->n, &event, err) ||
        !note_contributor(l->x, &event, err))
        return false;
    memcpy(line.hash, e->hash, sizeof line.hash);
    m->journal_entries = e->seq;
    memcpy(m->journal_head, e->hash, sizeof m->journal_head);
    cvk_merkle_leaf(e->json, e->n, leaf);
    cvk_merkle_add(&l->x->tree, leaf);
    return journal_line_write(l->out, &line, err);
}

static int compare_numbers(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static bool write_journal(Export *x, FILE *out, CvkErr *err) {
    Lines l = {.x = x, .out = out};
    x->contributors = (DocList){.item_size = sizeof(uint64_t), .max = LIMIT_CONTRIBUTIONS};
    if (!each_entry(&l, write_entry, err))
        return false;
    if (x->contributors.n != 0)
        qsort(x->contributors.items, x->contributors.n, sizeof(uint64_t), compare_numbers);
    x->manifest.has_root = true;
    cvk_merkle_root(&x->tree, x->manifest.journal_root);
    return true;
}

static bool has_contributed(const Export *x, uint64_t participant) {
    return x->contributors.n != 0 && bsearch(&participant, x->contributors.items, x->contributors.n,
                                             sizeof(uint64_t), compare_numbers) != NULL;
}

static bool write_participant(void *ctx, const StoreEntry *e, CvkErr *err) {
    Lines *l = ctx;
    Event event;
    if (is_past_the_end(l, e, err) || !event_read(e->json, e->n, &event, err))
        return false;
    if (event.type != EVENT_PARTICIPANT_ADMITTED ||
        !has_contributed(l->x, event.u.admitted.participant))
        return true;
    if (e->part == NULL)
        return cvk_fail(err, CVK_EBACKEND, "journal.private",
                        "journal entry %llu: the private part of a contributor is missing",
                        (unsigned long long)e->seq);
    if (!event_open(&event, e->salt, e->part, e->part_n, err))
        return cvk_fail_prefix(err, "journal entry %llu", (unsigned long long)e->seq);
    Opening o = {.participant = event.u.admitted.participant};
    memcpy(o.salt, e->salt, sizeof o.salt);
    snprintf(o.identity, sizeof o.identity, "%s", event.u.admitted.identity);
    opening_write(&l->w, &o);
    return true;
}

/* Who contributed, and nobody else. Behind the journal, which says who did. */
static bool write_participants(Export *x, FILE *out, CvkErr *err) {
    Lines l = {.x = x, .w = JSON_WRITER(json_to_file(out), 2)};
    json_array_begin(&l.w);
    bool ok = each_entry(&l, write_participant, err);
    json_array_end(&l.w);
    return json_finish(&l.w, ok ? err : NULL) && ok;
}

/* ---- the receipts ---- */

typedef struct {
    Ceremony *c;
    JsonWriter w;
    uint64_t upto;
} Receipts;

static bool write_receipt(void *ctx, const StoreContribution *k, CvkErr *err) {
    Receipts *r = ctx;
    if (k->index > r->upto)
        return true;
    if (!ceremony_receipt_right(r->c, k, err))
        return false;
    json_object_begin(&r->w);
    json_put_key(&r->w, "receipt");
    json_put_str(&r->w, k->receipt);
    json_put_key(&r->w, "signature");
    json_put_str(&r->w, k->receipt_signature);
    json_object_end(&r->w);
    return true;
}

/* [{"receipt":"...","signature":"..."}, ...] in the order of the transcript. */
static bool write_receipts(Export *x, FILE *out, CvkErr *err) {
    Receipts r = {.c = x->c, .w = JSON_WRITER(json_to_file(out), 2), .upto = x->history.upto};
    json_array_begin(&r.w);
    bool ok = x->history.each(x->history.ctx, 1, write_receipt, &r, err);
    json_array_end(&r.w);
    return json_finish(&r.w, ok ? err : NULL) && ok;
}

static bool write_results(Export *x, CvkProgress progress, CvkErr *err) {
    return x->c->kind->write_results(x->c->self, x->newest_fd, x->out, x->c->host.pool, progress,
                                     note_file, x, err);
}

/* ---- the whole ---- */

static bool prepare_dir(const char *out, CvkErr *err) {
    bool empty;
    if (!cvk_dir_make(out, 0755, err) || !cvk_dir_empty(out, &empty, err))
        return false;
    return empty || cvk_fail(err, CVK_ECONFLICT, "dir.used",
                             "directory '%s' is not empty: name a new one", CVK_SHOWN(out));
}

static bool write_manifest(Export *x, CvkErr *err) {
    char path[LIMIT_PATH];
    uint8_t address[ETH_ADDRESS_BYTES];
    if (!cvk_path(path, x->out, "manifest.json", err) ||
        !eth_key_address(x->c->host.key, address, err))
        return false;
    eth_address_checksummed(address, x->manifest.server);
    char *text = manifest_write(&x->manifest, x->c->host.key, err);
    bool ok = text != NULL && cvk_file_write(path, text, strlen(text), 0644, err);
    free(text);
    return ok;
}

static bool write_all(Export *x, bool results, CvkProgress progress, CvkErr *err) {
    return write_file(x, "definition.json", write_definition, err) &&
           write_file(x, "transcript.json", write_transcript, err) &&
           write_file(x, "receipts.json", write_receipts, err) &&
           write_file(x, "journal.jsonl", write_journal, err) &&
           write_file(x, "participants.json", write_participants, err) &&
           (!results || write_results(x, progress, err)) && write_manifest(x, err);
}

bool ceremony_export(Ceremony *c, const char *out, bool brief, CvkProgress progress, CvkErr *err) {
    Export x = {.c = c, .out = out};
    Definition d;
    CeremonyStatus status;
    Newest newest;
    pthread_mutex_lock(&c->writer); /* so that they all are of one moment */
    x.last_seq = c->seq;
    ceremony_status(c, &status);
    ceremony_newest(c, &newest);
    pthread_mutex_unlock(&c->writer);
    if (!definition_read(c->definition, &d, err) || !prepare_dir(out, err) ||
        !ceremony_newest_open(c, &newest, &x.newest_fd, &x.history, err))
        return false;
    snprintf(x.manifest.ceremony, sizeof x.manifest.ceremony, "%s", c->name);
    snprintf(x.manifest.kind, sizeof x.manifest.kind, "%s", c->kind->name);
    snprintf(x.manifest.sizes, sizeof x.manifest.sizes, "%s", d.sizes);
    x.manifest.contributions = newest.index;
    x.manifest.finalized = status.view.finalized;
    bool results = !brief && status.view.finalized && newest.index != 0;
    bool ok = write_all(&x, results, progress, err);
    free(x.contributors.items);
    if (x.newest_fd >= 0)
        close(x.newest_fd);
    return ok;
}
