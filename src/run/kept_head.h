/* DIR/heads/NAME.json: the newest head of a journal that was signed, kept beside the database. A
 * database that is older than what was signed must not be served: it would take back what people
 * were told is on record. When one is kept is its owner's to say (a ceremony, an experiment).
 *
 * Two processes may keep heads of one journal: who does holds a lock on DIR/heads, and replaces
 * only what has fewer entries. Threads: any. */
#pragma once

#include "format/head.h"

#include <pthread.h>

#define KEPT_HEAD_PATIENCE_MS 2000 /* who has the lock writes one small file */

typedef struct {
    const char *dir, *name; /* the owner's, as is the key */
    const uint8_t *key;     /* ETH_SECRET_BYTES */

    pthread_mutex_t lock;
    uint64_t entries;    /* of the newest that is known to be kept; 0: of none */
    char text[HEAD_MAX]; /* it, in the delivered form; "": none */
    unsigned busy;       /* tries in a row that found the lock taken and did not wait for it */
    char told[CVK_ERR_MSG_MAX]; /* why none can be kept now, as the log has it; "": one can */
} KeptHead;

void kept_head_init(KeptHead *k, const char *dir, const char *name, const uint8_t *key);
void kept_head_done(KeptHead *k);

/* Reads what is kept; ret->entries 0: nothing is. EBACKEND "head.damaged": not ours, or of another
 * journal. */
bool kept_head_read(KeptHead *k, JournalHead *ret, CvkErr *err) MUST_USE;
/* May a new journal have this name? EBACKEND "journal.older": not where a head is kept of one that
 * is gone; "head.damaged". */
bool kept_head_is_none(const char *dir, const char *name, const uint8_t *key, CvkErr *err) MUST_USE;
/* Keeps this one, unless as new a one is kept. Who else keeps one is waited for as long as
 * *patience_ms says, which becomes less by it: several share one. NULL: not at all, for who comes
 * again in a second. A failure is logged once, until its reason is another one or a head is kept
 * again: the check of the next start is then of an older head. Waits for the disk. */
void kept_head_keep(KeptHead *k, uint64_t entries, const uint8_t root[MERKLE_HASH],
                    unsigned *patience_ms);
/* What a crash left in DIR/heads; nothing while somebody keeps one: the next start is soon enough.
 */
void kept_heads_clear(const char *dir);
/* Of the newest that is known to be kept; 0: of none. */
uint64_t kept_head_entries(KeptHead *k);
/* The newest, with a zero byte. False: there is none. */
bool kept_head_text(KeptHead *k, char ret[HEAD_MAX]);

/* Is it a head of this journal, signed by this server? EBADREQ "head.ceremony", "head.signature".
 */
bool kept_head_is_ours(const KeptHead *k, const SignedHead *s, CvkErr *err) MUST_USE;

/* ---- a journal against a head of it (entries 0: none, and all is well) ---- */

/* Call it wherever the journal's tree is known: EBACKEND "journal.other" if it is as long as the
 * head's, and has another root. */
bool journal_has_head(const JournalHead *head, const CvkMerkle *tree, CvkErr *err) MUST_USE;
/* EBACKEND "journal.older": the whole journal is shorter. */
bool journal_reaches(const JournalHead *head, uint64_t entries, CvkErr *err) MUST_USE;
