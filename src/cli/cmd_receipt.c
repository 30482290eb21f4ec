#include "base/file.h"
#include "base/limits.h"
#include "cli/say.h"
#include "cli/subcommands.h"
#include "codec/json_write.h"
#include "format/kzg_json.h"
#include "format/receipt.h"
#include "setup/kzg_transcript.h"

#include <stdio.h>
#include <string.h>

static const Option options[] = {
    {"address", "0x...", NULL,
     "The server's address: the receipt must be signed by it. Without it the signer is only told."},
    {"transcript", "FILE", NULL, "The receipt's contribution must stand in this transcript."},
    {"json", NULL, NULL, "Print one JSON object."},
    {NULL, NULL, NULL, NULL},
};

typedef struct {
    KzgReceipt receipt;
    char signer[ETH_ADDRESS_TEXT];
    bool asked_transcript;
    size_t index;    /* in the transcript */
    const char *why; /* NULL: valid */
} Judged;

static bool read_answer(const char *path, KzgReceiptAnswer *ret, CvkErr *err) {
    FILE *f = fopen(path, "rb");
    if (f == NULL)
        return cvk_fail_errno(err, "file.open", "cannot open '%.120s'", path);
    bool ok = kzg_receipt_answer_read(json_from_file(f), ret, err);
    fclose(f);
    return ok || cvk_fail_prefix(err, "%.120s", path);
}

static bool find(const char *path, Judged *j, CvkErr *err) {
    KzgTranscriptWire *t;
    bool found;
    FILE *f = fopen(path, "rb");
    if (f == NULL)
        return cvk_fail_errno(err, "file.open", "cannot open '%.120s'", path);
    bool ok = kzg_transcript_read(json_from_file(f), LIMIT_TRANSCRIPT, &t, err);
    fclose(f);
    if (!ok)
        return cvk_fail_prefix(err, "%.120s", path);
    kzg_transcript_find(t, j->receipt.identity, (const uint8_t(*)[KZG_G2_BYTES])j->receipt.witness,
                        j->receipt.n, &j->index, &found);
    kzg_transcript_wire_free(t);
    j->asked_transcript = true;
    if (!found) {
        j->index = 0;
        j->why = "its contribution is not in that transcript";
    }
    return true;
}

static bool judge(const Args *args, const KzgReceiptAnswer *a, Judged *j, CvkErr *err) {
    const char *address = args_text(args, "address"), *transcript = args_text(args, "transcript");
    uint8_t signer[ETH_ADDRESS_BYTES], wanted[ETH_ADDRESS_BYTES];
    if (address != NULL && !eth_address_parse(address, wanted))
        return cvk_fail(err, CVK_EBADREQ, "usage.address", "--address is 0x and 40 digits");
    if (!kzg_receipt_read(a->text, &j->receipt, err))
        return cvk_fail_prefix(err, "the receipt's text");
    if (j->receipt.n == 0) {
        j->why = "it names no keys, so it is for nothing";
        return true;
    }
    if (!kzg_receipt_signer(a->text, a->signature, signer)) {
        j->why = "the signature is nobody's";
        return true;
    }
    eth_address_checksummed(signer, j->signer);
    if (address != NULL && memcmp(signer, wanted, sizeof signer) != 0) {
        j->why = "it is signed by another key";
        return true;
    }
    return transcript == NULL || find(transcript, j, err);
}

static void print_text(const Judged *j) {
    if (j->why != NULL)
        say_result("INVALID: %s%s%s", j->why, j->signer[0] != '\0' ? "; signed by " : "",
                   j->signer);
    else
        say_result("valid: %s contributed to %zu sub-ceremonies; signed by %s", j->receipt.identity,
                   j->receipt.n, j->signer);
    if (j->index > 0)
        say_result("it is contribution %zu of the transcript", j->index);
}

static bool print_json(const Judged *j, CvkErr *err) {
    JsonWriter w = JSON_WRITER(json_to_file(stdout), 0);
    json_object_begin(&w);
    const char *const fields[][2] = {{"verdict", j->why != NULL ? "invalid" : "valid"},
                                     {"message", j->why != NULL ? j->why : "valid"},
                                     {"identity", j->receipt.identity},
                                     {"signer", j->signer}};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        json_put_key(&w, fields[i][0]);
        json_put_str(&w, fields[i][1]);
    }
    if (j->asked_transcript) {
        json_put_key(&w, "index");
        json_put_uint(&w, j->index);
    }
    json_object_end(&w);
    return json_finish(&w, err) && putchar('\n') != EOF;
}

static int run(const Args *args) {
    KzgReceiptAnswer answer;
    Judged j = {.index = 0};
    CvkErr err;
    if (!read_answer(args_at(args, 0), &answer, &err))
        return say_error("receipt verify", &err);
    bool ok = judge(args, &answer, &j, &err);
    kzg_receipt_answer_done(&answer);
    if (ok && args_flag(args, "json"))
        ok = print_json(&j, &err);
    else if (ok)
        print_text(&j);
    if (!ok)
        return say_error("receipt verify", &err);
    return j.why != NULL ? EXIT_INVALID : EXIT_DONE;
}

const Subcommand CLI_RECEIPT_VERIFY = {
    .name = "receipt verify",
    .purpose = "check the receipt of a contribution",
    .usage = "FILE [--address 0x...] [--transcript FILE] [--json]",
    .about = "FILE is the receipt as it was kept by 'convoke contribute' or given by any server of "
             "the protocol. The signature is checked over the very bytes that were signed.",
    .options = options,
    .examples = "convoke receipt verify convoke-contribution/receipt.json\n"
                "convoke receipt verify receipt.json --address "
                "0x5afE36d82dE8990B777f82651B96608Ec54d190d \\\n"
                "    --transcript transcript.json",
    .exits = "0  valid\n1  invalid\n2  unusable: not a receipt, or it cannot be read",
    .args_min = 1,
    .args_max = 1,
    .run = run,
};
