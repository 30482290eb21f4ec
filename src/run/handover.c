/* The old server's side: HandedOver, and the bundle. */
#include "run/handover.h"

#include "base/file.h"
#include "engine/event_json.h"
#include "format/handover.h"
#include "format/head.h"
#include "run/ceremony_private.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* ---- the event ---- */

/* Handed over already, and to this very server? Then only the bundle is missing. */
static bool went_to(Ceremony *c, const uint8_t key[ENGINE_KEY_BYTES]) {
    EngineView view;
    pthread_mutex_lock(&c->published);
    engine_view(c->state, &view);
    pthread_mutex_unlock(&c->published);
    return view.handed_over && memcmp(view.next_key, key, ENGINE_KEY_BYTES) == 0;
}

static bool append_hand_over(Ceremony *c, const uint8_t key[ENGINE_KEY_BYTES], CvkErr *err) {
    Events events;
    Refusal refusal;
    Command command = {.type = COMMAND_HAND_OVER, .key = key};
    if (went_to(c, key))
        return true;
    if (!ceremony_execute(c, &command, NULL, &events, &refusal, err))
        return false;
    if (refusal == REFUSAL_NO_CHANGE)
        return cvk_fail(err, CVK_EBADREQ, "handover.self",
                        "that is this server's own key: name the other server's, which 'convoke "
                        "init' printed there");
    return ceremony_refuse(c, refusal, err);
}

/* ---- the bundle's files ---- */

typedef struct {
    Ceremony *c;
    FILE *out;
    SignedHead head; /* of the whole journal, as it is walked */
    CvkMerkle tree;
} Bundle;

static bool write_file(Bundle *b, const char *dir, const char *name,
                       bool (*write)(Bundle *b, CvkErr *err), CvkErr *err) {
    char path[LIMIT_PATH];
    CvkFileOut out;
    if (!cvk_path(path, dir, name, err) || !cvk_file_out_open(&out, path, 0600, err))
        return false;
    b->out = out.f;
    if (write(b, err))
        return cvk_file_out_commit(&out, err);
    cvk_file_out_abandon(&out);
    return false;
}

/* On a connection of its own, as whoever walks over many rows. */
static bool with_store(Bundle *b, bool (*walk)(Bundle *b, Store *store, CvkErr *err), CvkErr *err) {
    Store *store;
    if (!store_open(b->c->store_path, false, &store, err))
        return false;
    bool ok = walk(b, store, err);
    store_close(store);
    return ok;
}

static bool write_part(void *ctx, const StoreEntry *e, CvkErr *err) {
    Bundle *b = ctx;
    uint8_t leaf[MERKLE_HASH];
    cvk_merkle_leaf(e->json, e->n, leaf);
    cvk_merkle_add(&b->tree, leaf);
    b->head.head.entries = e->seq;
    if (e->part == NULL)
        return true;
    PrivatePart p = {.entry = e->seq, .part_n = e->part_n};
    memcpy(p.salt, e->salt, sizeof p.salt);
    if (e->part_n > PRIVATE_PART_MAX)
        return cvk_fail(err, CVK_EBACKEND, "store.damaged", "a private part is too long");
    memcpy(p.part, e->part, e->part_n);
    return private_part_write(b->out, &p, err);
}

static bool walk_journal(Bundle *b, Store *store, CvkErr *err) {
    return store_journal_each(store, b->c->id, 1, write_part, b, err);
}

static bool write_parts(Bundle *b, CvkErr *err) {
    return with_store(b, walk_journal, err);
}

static bool write_invitation(void *ctx, const StoreInvitation *i, CvkErr *err) {
    const Bundle *b = ctx;
    InvitationLine line = {.created_ms = i->created_ms};
    memcpy(line.address, i->address, sizeof line.address);
    snprintf(line.identity, sizeof line.identity, "%s", i->identity);
    return invitation_line_write(b->out, &line, err);
}

static bool walk_invitations(Bundle *b, Store *store, CvkErr *err) {
    return store_invitation_each(store, write_invitation, b, err);
}

static bool write_invitations(Bundle *b, CvkErr *err) {
    return with_store(b, walk_invitations, err);
}

static bool copy_response(Bundle *b, CvkErr *err) {
    char piece[65536];
    Newest newest;
    History ignored;
    int fd;
    ceremony_newest(b->c, &newest);
    if (!ceremony_newest_open(b->c, &newest, &fd, &ignored, err))
        return false;
    ssize_t n = 0;
    while (fd >= 0 && (n = read(fd, piece, sizeof piece)) > 0)
        if (fwrite(piece, 1, (size_t)n, b->out) != (size_t)n)
            break;
    if (fd >= 0)
        close(fd);
    return n == 0 || cvk_fail_errno(err, "file.write", "cannot copy the newest response");
}

static bool write_head(Bundle *b, CvkErr *err) {
    _cleanup_buf_ CvkBuf text = CVK_BUF(HEAD_MAX);
    JournalHead *h = &b->head.head;
    snprintf(h->ceremony, sizeof h->ceremony, "%s", b->c->name);
    cvk_merkle_root(&b->tree, h->root);
    return head_sign(h, b->c->host.key, b->head.signature, err) &&
           head_write(&b->head, &text, err) &&
           (fwrite(text.data, 1, text.n, b->out) == text.n ||
            cvk_fail_errno(err, "file.write", "cannot write the head"));
}

/* ---- the whole ---- */

static bool prepare(const char *out, CvkErr *err) {
    bool empty;
    if (!cvk_dir_make(out, 0700, err) || !cvk_dir_empty(out, &empty, err))
        return false;
    return empty || cvk_fail(err, CVK_ECONFLICT, "dir.used",
                             "directory '%s' is not empty: name a new one", CVK_SHOWN(out));
}

bool ceremony_hand_over(Ceremony *c, const char *address, const char *out, CvkProgress progress,
                        CvkErr *err) {
    Bundle b = {.c = c};
    uint8_t key[ENGINE_KEY_BYTES];
    char public[LIMIT_PATH];
    if (!eth_address_parse(address, key))
        return cvk_fail(
            err, CVK_EBADREQ, "handover.address",
            "'%.60s' is no server's key such as 0x9F06...35B0: 'convoke init' printed it "
            "at the new server",
            address);
    return prepare(out, err) && cvk_path(public, out, "public", err) &&
           append_hand_over(c, key, err) && ceremony_export(c, public, true, progress, err) &&
           write_file(&b, out, "private.jsonl", write_parts, err) &&
           write_file(&b, out, "invitations.jsonl", write_invitations, err) &&
           write_file(&b, out, "response.bin", copy_response, err) &&
           write_file(&b, out, "head.json", write_head, err); /* last: the bundle is whole */
}
