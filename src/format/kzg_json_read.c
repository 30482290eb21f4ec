#include "format/kzg_json.h"

#include "base/alloc.h"
#include "format/doc.h"

#include <inttypes.h>
#include <string.h>

static bool read_g1(JsonReader *r, void *into, CvkErr *err) {
    return doc_hex(r, into, KZG_G1_BYTES, err);
}

static bool read_g2(JsonReader *r, void *into, CvkErr *err) {
    return doc_hex(r, into, KZG_G2_BYTES, err);
}

static bool read_bls(JsonReader *r, void *into, CvkErr *err) {
    KzgBlsWire *bls = into;
    return doc_hex_or_none(r, bls->bytes, sizeof bls->bytes, &bls->present, err);
}

static bool read_ecdsa(JsonReader *r, void *into, CvkErr *err) {
    KzgEcdsaWire *ecdsa = into;
    return doc_hex_or_none(r, ecdsa->bytes, sizeof ecdsa->bytes, &ecdsa->present, err);
}

/* Lists go to their owner even when reading fails half-way: the owner frees them. */
static bool read_g1_list(JsonReader *r, size_t max, uint8_t (**ret)[KZG_G1_BYTES], size_t *ret_n,
                         CvkErr *err) {
    DocList list = {.item_size = KZG_G1_BYTES, .max = max};
    bool ok = doc_list(r, &list, read_g1, err);
    *ret = list.items;
    *ret_n = list.n;
    return ok;
}

static bool read_g2_list(JsonReader *r, size_t max, uint8_t (**ret)[KZG_G2_BYTES], size_t *ret_n,
                         CvkErr *err) {
    DocList list = {.item_size = KZG_G2_BYTES, .max = max};
    bool ok = doc_list(r, &list, read_g2, err);
    *ret = list.items;
    *ret_n = list.n;
    return ok;
}

/* ---- powersOfTau ---- */

typedef enum { POWERS_G1, POWERS_G2 } PowersField;
static const char *const powers_names[] = {"G1Powers", "G2Powers"};

static bool powers_field(JsonReader *r, size_t which, void *ctx, CvkErr *err) {
    KzgPowersWire *p = ctx;
    switch ((PowersField)which) {
    case POWERS_G1:
        return read_g1_list(r, LIMIT_KZG_G1_POWERS, &p->g1, &p->n_g1, err);
    case POWERS_G2:
        return read_g2_list(r, LIMIT_KZG_G2_POWERS, &p->g2, &p->n_g2, err);
    }
    return false;
}

static const DocObject powers_object = {.names = powers_names, .n = 2, .field = powers_field};

/* ---- what a contribution's and a transcript's object begin with ---- */

typedef enum { HEAD_N_G1, HEAD_N_G2, HEAD_POWERS, HEAD_FIELDS } HeadField;
#define HEAD_NAMES "numG1Powers", "numG2Powers", "powersOfTau"

typedef struct {
    uint64_t n_g1, n_g2;
    KzgPowersWire *powers;
} Head;

static bool head_field(JsonReader *r, HeadField which, Head *head, CvkErr *err) {
    switch (which) {
    case HEAD_N_G1:
        return json_read_uint(r, UINT64_MAX, &head->n_g1, err);
    case HEAD_N_G2:
        return json_read_uint(r, UINT64_MAX, &head->n_g2, err);
    case HEAD_POWERS:
        return doc_object(r, &powers_object, head->powers, err);
    case HEAD_FIELDS:
        break;
    }
    return false;
}

static bool head_is_consistent(JsonReader *r, const Head *head, CvkErr *err) {
    static const char text[] =
        "Inconsistent number of G%d powers: numG%dPowers = %" PRIu64 ", len = %zu";
    if (head->n_g1 != head->powers->n_g1)
        return json_read_fail(r, err, CVK_EBADREQ, "doc.count", text, 1, 1, head->n_g1,
                              head->powers->n_g1);
    if (head->n_g2 != head->powers->n_g2)
        return json_read_fail(r, err, CVK_EBADREQ, "doc.count", text, 2, 2, head->n_g2,
                              head->powers->n_g2);
    return true;
}

/* ---- BatchContribution ---- */

typedef enum { SUB_PUBKEY = HEAD_FIELDS, SUB_BLS, SUB_FIELDS } SubField;
static const char *const sub_names[] = {HEAD_NAMES, "potPubkey", "blsSignature"};

typedef struct {
    Head head;
    KzgSubWire *sub;
} SubReading;

static bool sub_field(JsonReader *r, size_t which, void *ctx, CvkErr *err) {
    SubReading *reading = ctx;
    if (which == SUB_PUBKEY)
        return doc_hex(r, reading->sub->pubkey, KZG_G2_BYTES, err);
    if (which == SUB_BLS)
        return read_bls(r, &reading->sub->bls, err);
    return head_field(r, (HeadField)which, &reading->head, err);
}

static const DocObject sub_object = {.names = sub_names,
                                     .n = SUB_FIELDS,
                                     .optional = 1u << SUB_BLS,
                                     .open = true,
                                     .field = sub_field};

static bool read_sub(JsonReader *r, KzgSubWire *sub, CvkErr *err) {
    SubReading reading = {.head = {.powers = &sub->powers}, .sub = sub};
    return doc_object(r, &sub_object, &reading, err) && head_is_consistent(r, &reading.head, err);
}

/* An array of at most LIMIT_KZG_SUBS; *n counts those begun, which the owner frees. */
static bool next_sub(JsonReader *r, size_t n, bool *ret_more, CvkErr *err) {
    if (!json_read_more(r, ret_more, err))
        return false;
    return !*ret_more || n < LIMIT_KZG_SUBS ||
           json_read_fail(r, err, CVK_ELIMIT, "doc.limit", "more than %d sub-setups",
                          LIMIT_KZG_SUBS);
}

static bool read_subs(JsonReader *r, KzgWire *w, CvkErr *err) {
    bool more;
    if (!json_read_array(r, err))
        return false;
    while (next_sub(r, w->n, &more, err)) {
        if (!more)
            return true;
        if (!read_sub(r, &w->subs[w->n++], err))
            return false;
    }
    return false;
}

typedef enum { BATCH_SUBS, BATCH_ECDSA, BATCH_FIELDS } BatchField;
static const char *const batch_names[] = {"contributions", "ecdsaSignature"};

static bool batch_field(JsonReader *r, size_t which, void *ctx, CvkErr *err) {
    KzgWire *w = ctx;
    return which == BATCH_SUBS ? read_subs(r, w, err) : read_ecdsa(r, &w->ecdsa, err);
}

static const DocObject batch_object = {
    .names = batch_names, .n = BATCH_FIELDS, .optional = 1u << BATCH_ECDSA, .field = batch_field};

bool kzg_contribution_read(JsonSource source, size_t max, KzgWire **ret, CvkErr *err) {
    _cleanup_(json_reader_free_at) JsonReader *r = json_reader_new(source, max, err);
    KzgWire *w = r == NULL ? NULL : kzg_wire_new(LIMIT_KZG_SUBS, err);
    if (w == NULL)
        return false;
    w->n = 0;
    if (!doc_object(r, &batch_object, w, err) || !json_read_end(r, err)) {
        kzg_wire_free(w);
        return false;
    }
    *ret = w;
    return true;
}

/* ---- BatchTranscript ---- */

typedef enum { WITNESS_PRODUCTS, WITNESS_PUBKEYS, WITNESS_BLS, WITNESS_FIELDS } WitnessField;
static const char *const witness_names[] = {"runningProducts", "potPubkeys", "blsSignatures"};

#define LIMIT_ENTRIES (LIMIT_CONTRIBUTIONS + 1) /* entry 0 is nobody's */

static bool read_bls_list(JsonReader *r, KzgWitnessWire *w, CvkErr *err) {
    DocList list = {.item_size = sizeof *w->bls, .max = LIMIT_ENTRIES};
    bool ok = doc_list(r, &list, read_bls, err);
    w->bls = list.items;
    w->n_bls = list.n;
    return ok;
}

static bool witness_field(JsonReader *r, size_t which, void *ctx, CvkErr *err) {
    KzgWitnessWire *w = ctx;
    switch ((WitnessField)which) {
    case WITNESS_PRODUCTS:
        return read_g1_list(r, LIMIT_ENTRIES, &w->products, &w->n_products, err);
    case WITNESS_PUBKEYS:
        return read_g2_list(r, LIMIT_ENTRIES, &w->pubkeys, &w->n_pubkeys, err);
    case WITNESS_BLS:
        return read_bls_list(r, w, err);
    case WITNESS_FIELDS:
        break;
    }
    return false;
}

static const DocObject witness_object = {
    .names = witness_names, .n = WITNESS_FIELDS, .field = witness_field};

typedef enum { ENTRY_WITNESS = HEAD_FIELDS, ENTRY_FIELDS } EntryField;
static const char *const entry_names[] = {HEAD_NAMES, "witness"};

typedef struct {
    Head head;
    KzgWitnessWire *witness;
} EntryReading;

static bool entry_field(JsonReader *r, size_t which, void *ctx, CvkErr *err) {
    EntryReading *reading = ctx;
    if (which == ENTRY_WITNESS)
        return doc_object(r, &witness_object, reading->witness, err);
    return head_field(r, (HeadField)which, &reading->head, err);
}

static const DocObject entry_object = {
    .names = entry_names, .n = ENTRY_FIELDS, .open = true, .field = entry_field};

static bool read_entries(JsonReader *r, KzgTranscriptWire *t, CvkErr *err) {
    bool more;
    if (!json_read_array(r, err))
        return false;
    while (next_sub(r, t->n, &more, err)) {
        if (!more)
            return true;
        size_t i = t->n++;
        EntryReading reading = {.head = {.powers = &t->subs[i].powers},
                                .witness = &t->subs[i].witness};
        if (!doc_object(r, &entry_object, &reading, err) ||
            !head_is_consistent(r, &reading.head, err))
            return false;
    }
    return false;
}

static bool read_id(JsonReader *r, void *into, CvkErr *err) {
    char **id = into;
    const char *text;
    size_t n;
    if (!json_read_string(r, &text, &n, err))
        return false;
    if (n > LIMIT_IDENTITY)
        return json_read_fail(r, err, CVK_ELIMIT, "doc.limit", "an identity over %d bytes",
                              LIMIT_IDENTITY);
    *id = cvk_strdup(text, err);
    return *id != NULL;
}

typedef enum { TRANSCRIPT_ENTRIES, TRANSCRIPT_IDS, TRANSCRIPT_ECDSA, TRANSCRIPT_FIELDS } TopField;
static const char *const transcript_names[] = {"transcripts", "participantIds",
                                               "participantEcdsaSignatures"};

static bool transcript_field(JsonReader *r, size_t which, void *ctx, CvkErr *err) {
    KzgTranscriptWire *t = ctx;
    if (which == TRANSCRIPT_ENTRIES)
        return read_entries(r, t, err);
    bool ids = which == TRANSCRIPT_IDS;
    DocList list = {.item_size = ids ? sizeof *t->ids : sizeof *t->ecdsa, .max = LIMIT_ENTRIES};
    bool ok = doc_list(r, &list, ids ? read_id : read_ecdsa, err);
    if (ids) {
        t->ids = list.items;
        t->n_ids = list.n;
    } else {
        t->ecdsa = list.items;
        t->n_ecdsa = list.n;
    }
    return ok;
}

static const DocObject transcript_object = {
    .names = transcript_names, .n = TRANSCRIPT_FIELDS, .field = transcript_field};

bool kzg_transcript_read(JsonSource source, size_t max, KzgTranscriptWire **ret, CvkErr *err) {
    _cleanup_(json_reader_free_at) JsonReader *r = json_reader_new(source, max, err);
    KzgTranscriptWire *t = r == NULL ? NULL : kzg_transcript_wire_new(LIMIT_KZG_SUBS, err);
    if (t == NULL)
        return false;
    t->n = 0;
    if (!doc_object(r, &transcript_object, t, err) || !json_read_end(r, err)) {
        kzg_transcript_wire_free(t);
        return false;
    }
    *ret = t;
    return true;
}
