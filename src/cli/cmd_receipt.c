#include "base/alloc.h"
#include "base/file.h"
#include "base/hex.h"
#include "base/limits.h"
#include "cli/receipt_check.h"
#include "cli/say.h"
#include "cli/subcommands.h"
#include "codec/json_write.h"
#include "format/attestation.h"
#include "format/kzg_json.h"
#include "format/receipt.h"
#include "setup/kzg_transcript.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static const Option options[] = {
    {"address", "0x...", NULL,
     "The server's address: the receipt must be signed by it. Without it the signer is only told."},
    {"transcript", "FILE", NULL, "The receipt's contribution must stand in this transcript."},
    {"journal", "DIR|FILE", NULL,
     "The journal (journal.jsonl of an exported directory) must begin with the very entries that "
     "the receipt vouches for: all up to the acceptance."},
    {"json", NULL, NULL, "Print one JSON object."},
    {NULL, NULL, NULL, NULL},
};

typedef struct {
    KzgReceipt receipt;
    ReceiptClaims claims;
    char signer[ETH_ADDRESS_TEXT];
    Attestation attestation; /* whose receipt it is; receipt.text NULL: it came alone */
    bool asked_address, asked_transcript, asked_journal;
    size_t index;              /* in the transcript */
    char why[CVK_ERR_MSG_MAX]; /* "": valid */
} Judged;

static bool invalid(Judged *j, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* True: there is a verdict. */
static bool invalid(Judged *j, const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    vsnprintf(j->why, sizeof j->why, fmt, args);
    va_end(args);
    return true;
}

/* A receipt as it was kept, or an attestation with one in it. */
static bool read_file(const char *path, KzgReceiptAnswer *ret, Attestation *ret_attestation,
                      CvkErr *err) {
    _cleanup_buf_ CvkBuf text = CVK_BUF(LIMIT_TEXT_FILE);
    if (!cvk_file_read(path, &text, err))
        return false;
    JsonMemory m = {.data = cvk_buf_str(&text), .n = text.n};
    bool is_attestation =
        strncmp(cvk_buf_str(&text), ATTESTATION_FIRST_LINE, strlen(ATTESTATION_FIRST_LINE)) == 0;
    bool ok = is_attestation ? attestation_read(cvk_buf_str(&text), text.n, ret_attestation, err)
                             : kzg_receipt_answer_read(json_from_memory(&m), ret, err);
    if (ok && is_attestation) {
        *ret = ret_attestation->receipt;
        ret->text = cvk_strdup(ret->text, err);
        ok = ret->text != NULL;
    }
    return ok || cvk_fail_prefix(err, "%s", CVK_SHOWN(path));
}

static bool find(const char *path, Judged *j, CvkErr *err) {
    KzgTranscriptWire *t;
    bool found;
    FILE *f = fopen(path, "rb");
    if (f == NULL)
        return cvk_fail_errno(err, "file.open", "cannot open '%s'", CVK_SHOWN(path));
    bool ok = kzg_transcript_read(json_from_file(f), LIMIT_TRANSCRIPT, &t, err);
    fclose(f);
    if (!ok)
        return cvk_fail_prefix(err, "%s", CVK_SHOWN(path));
    kzg_transcript_find(t, j->receipt.identity, (const uint8_t(*)[KZG_G2_BYTES])j->receipt.witness,
                        j->receipt.n, &j->index, &found);
    kzg_transcript_wire_free(t);
    j->asked_transcript = true;
    if (!found) {
        j->index = 0;
        return invalid(j, "its contribution is not in that transcript");
    }
    if (j->claims.has_index && j->index != j->claims.index)
        return invalid(j, "that transcript has its contribution at %zu, the receipt says %" PRIu64,
                       j->index, j->claims.index);
    if (j->attestation.receipt.text != NULL && j->index != j->attestation.index)
        return invalid(j, "that transcript has it at %zu, not at %" PRIu64, j->index,
                       j->attestation.index);
    return true;
}

/* ---- the journal ---- */

static FILE *open_journal(const char *path, CvkErr *err) {
    struct stat st;
    char within[LIMIT_PATH];
    if (stat(path, &st) != 0) {
        cvk_fail_errno(err, "file.open", "cannot open '%s'", CVK_SHOWN(path));
        return NULL;
    }
    if (!S_ISDIR(st.st_mode))
        return cvk_file_open_regular(path, true, err);
    return cvk_path(within, path, "journal.jsonl", err) ? cvk_file_open_regular(within, true, err)
                                                        : NULL;
}

static bool tell_match(Judged *j, const JournalMatch *m) {
    uint64_t entry = j->claims.journal.entry;
    if (m->same)
        return true;
    if (m->ends)
        return invalid(j,
                       "that journal ends after %" PRIu64 " entries, before entry %" PRIu64
                       " which the receipt proves",
                       m->entries, entry);
    if (m->from == m->to)
        return invalid(j,
                       "that journal is another: its entry %" PRIu64
                       " is not the one that the receipt vouches for",
                       m->to);
    return invalid(j,
                   "that journal is another: among its entries %" PRIu64 " to %" PRIu64
                   " something was changed, dropped, moved or invented",
                   m->from, m->to);
}

static bool compare_journal(const char *path, Judged *j, CvkErr *err) {
    JournalMatch m;
    if (!j->claims.has_journal)
        return cvk_fail(err, CVK_EBADREQ, "receipt.no_journal",
                        "the receipt names no journal (its server is of an older release, or is "
                        "another program): there is nothing to compare");
    FILE *f = open_journal(path, err);
    if (f == NULL)
        return false;
    bool ok = receipt_journal_match(&j->claims.journal, f, &m, err);
    fclose(f);
    if (!ok)
        return cvk_fail_prefix(err, "%s", CVK_SHOWN(path));
    j->asked_journal = true;
    return tell_match(j, &m);
}

/* ---- the whole ---- */

/* What the receipt is in itself: whose signature it has, and whether its proof holds. */
static bool judge_alone(const char *address, const KzgReceiptAnswer *a, Judged *j, CvkErr *err) {
    uint8_t signer[ETH_ADDRESS_BYTES], wanted[ETH_ADDRESS_BYTES];
    j->asked_address = address != NULL;
    if (address != NULL && !eth_address_parse(address, wanted))
        return cvk_fail(err, CVK_EBADREQ, "usage.address", "--address is 0x and 40 digits");
    if (!kzg_receipt_read(a->text, &j->receipt, err) ||
        !receipt_claims_read(a->text, &j->claims, err))
        return cvk_fail_prefix(err, "the receipt's text");
    if (j->receipt.n == 0)
        return invalid(j, "it names no keys, so it is for nothing");
    if (!kzg_receipt_signer(a->text, a->signature, signer))
        return invalid(j, "the signature is nobody's");
    eth_address_checksummed(signer, j->signer);
    if (address != NULL && memcmp(signer, wanted, sizeof signer) != 0)
        return invalid(j, "it is signed by another key");
    const char *fault = j->claims.has_journal ? receipt_proof_fault(&j->claims) : NULL;
    if (fault == NULL && j->attestation.receipt.text != NULL)
        fault = attestation_fault(&j->attestation, &j->receipt, &j->claims);
    return fault == NULL || invalid(j, "%s", fault);
}

static bool judge(const Args *args, const KzgReceiptAnswer *a, Judged *j, CvkErr *err) {
    const char *transcript = args_text(args, "transcript"), *journal = args_text(args, "journal");
    return judge_alone(args_text(args, "address"), a, j, err) &&
           (j->why[0] != '\0' || transcript == NULL || find(transcript, j, err)) &&
           (j->why[0] != '\0' || journal == NULL || compare_journal(journal, j, err));
}

/* ---- telling ---- */

static void print_attestation(const Judged *j) {
    const Attestation *a = &j->attestation;
    if (a->receipt.text == NULL)
        return;
    say_result("attested: contribution %" PRIu64 " at %s, handed in with %s", a->index, a->server,
               a->ecdsa.present ? "an Ethereum signature" : "no Ethereum signature");
    if (a->is_signed)
        say_result("the attestation is signed by %s itself", a->identity);
    else
        say_result("not shown: that %s wrote the attestation (it is not signed)", a->identity);
}

static void print_claims(const Judged *j) {
    const ReceiptClaims *c = &j->claims;
    char root[2 * MERKLE_HASH + 1];
    if (c->ceremony[0] != '\0' && c->has_index)
        say_result("the signer says: contribution %" PRIu64 " of ceremony '%s'%s%s", c->index,
                   c->ceremony, c->time[0] != '\0' ? ", accepted " : "", c->time);
    if (c->has_journal) {
        cvk_hex_encode(c->journal.root, MERKLE_HASH, root);
        say_result("and: its acceptance is entry %" PRIu64 " of a journal whose first %" PRIu64
                   " entries have the root 0x%s; the entry "
                   "and the proof lead to that root",
                   c->journal.entry, c->journal.entry, root);
    }
    if (j->asked_journal)
        say_result("the journal given begins with those %" PRIu64 " entries", c->journal.entry);
    if (j->asked_transcript)
        say_result("it is contribution %zu of the transcript", j->index);
}

/* What was not looked at, as ids and in words. */
typedef struct {
    bool open;
    const char *id, *words;
} NotShown;
#define NOT_SHOWN 3

static void not_shown(const Judged *j, NotShown ret[NOT_SHOWN]) {
    ret[0] = (NotShown){!j->asked_address, "signer",
                        "that the signer is the ceremony's server (give --address)"};
    ret[1] = (NotShown){!j->asked_journal, "journal",
                        j->claims.has_journal
                            ? "that the journal shown to others begins so (give --journal)"
                            : "where the journal has it: a receipt of this kind does not say"};
    ret[2] = (NotShown){!j->asked_transcript, "transcript",
                        "that the transcript has it (give --transcript)"};
}

static void print_text(const Judged *j) {
    NotShown open[NOT_SHOWN];
    if (j->why[0] != '\0') {
        say_result("INVALID: %s%s%s", j->why, j->signer[0] != '\0' ? "; signed by " : "",
                   j->signer);
        return;
    }
    say_result("valid: %s contributed to %zu sub-ceremonies; signed by %s", j->receipt.identity,
               j->receipt.n, j->signer);
    print_attestation(j);
    print_claims(j);
    not_shown(j, open);
    for (size_t i = 0; i < NOT_SHOWN; i++)
        if (open[i].open)
            say_result("not shown: %s", open[i].words);
}

static void put_claims(JsonWriter *w, const ReceiptClaims *c) {
    if (c->ceremony[0] != '\0')
        json_field_str(w, "ceremony", c->ceremony);
    if (c->has_index)
        json_field_uint(w, "contribution", c->index);
    if (c->has_journal) {
        json_field_uint(w, "entry", c->journal.entry);
        json_put_key(w, "root");
        json_put_hex(w, c->journal.root, MERKLE_HASH);
    }
}

static void put_not_shown(JsonWriter *w, const Judged *j) {
    NotShown open[NOT_SHOWN];
    not_shown(j, open);
    json_put_key(w, "not_shown");
    json_array_begin(w);
    for (size_t i = 0; i < NOT_SHOWN; i++)
        if (open[i].open)
            json_put_str(w, open[i].id);
    json_array_end(w);
}

static bool print_json(const Judged *j, CvkErr *err) {
    bool valid = j->why[0] == '\0';
    JsonWriter w = JSON_WRITER(json_to_file(stdout), 0);
    json_object_begin(&w);
    json_field_str(&w, "verdict", valid ? "valid" : "invalid");
    json_field_str(&w, "message", valid ? "valid" : j->why);
    json_field_str(&w, "identity", j->receipt.identity);
    json_field_str(&w, "signer", j->signer);
    put_claims(&w, &j->claims);
    if (j->asked_transcript)
        json_field_uint(&w, "index", j->index);
    if (j->attestation.receipt.text != NULL) {
        json_field_uint(&w, "attested", j->attestation.index);
        json_put_key(&w, "attestation_signed");
        json_put_bool(&w, j->attestation.is_signed);
    }
    if (valid)
        put_not_shown(&w, j);
    json_object_end(&w);
    return json_finish(&w, err) && putchar('\n') != EOF;
}

static int run(const Args *args) {
    KzgReceiptAnswer answer;
    Judged j = {.index = 0};
    CvkErr err;
    if (!read_file(args_at(args, 0), &answer, &j.attestation, &err)) {
        attestation_done(&j.attestation);
        return say_error("receipt verify", &err);
    }
    bool ok = judge(args, &answer, &j, &err);
    kzg_receipt_answer_done(&answer);
    if (ok && args_flag(args, "json"))
        ok = print_json(&j, &err);
    else if (ok)
        print_text(&j);
    attestation_done(&j.attestation);
    if (!ok)
        return say_error("receipt verify", &err);
    return j.why[0] != '\0' ? EXIT_INVALID : EXIT_DONE;
}

const Subcommand CLI_RECEIPT_VERIFY = {
    .name = "receipt verify",
    .purpose = "check the receipt of a contribution, or an attestation",
    .usage = "FILE [--address 0x...] [--transcript FILE] [--journal PATH] [--json]",
    .about = "FILE is the receipt as it was kept by 'convoke contribute' or given by any server of "
             "the protocol, or an attestation, which has one in it. The signature is checked over "
             "the very bytes that were signed; so is the "
             "proof that the acceptance is in the server's journal, where the receipt has one. "
             "Nothing is asked of any server. What was not looked at is told, too.",
    .options = options,
    .examples = "convoke receipt verify convoke-contribution/receipt.json\n"
                "convoke receipt verify receipt.json --address "
                "0x5afE36d82dE8990B777f82651B96608Ec54d190d \\\n"
                "    --transcript transcript.json\n"
                "convoke receipt verify receipt.json --journal public/\n"
                "convoke receipt verify attestation.txt --transcript transcript.json",
    .exits = {{[EXIT_DONE] = "valid",
               [EXIT_INVALID] = "invalid: it says why",
               [EXIT_UNUSABLE] =
                   "unusable: neither a receipt nor an attestation, or it cannot be read"}},
    .args_min = 1,
    .args_max = 1,
    .run = run,
};
