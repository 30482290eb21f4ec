#include "base/alloc.h"
#include "cli/contribute.h"
#include "cli/progress.h"
#include "cli/say.h"
#include "codec/json_write.h"
#include "format/kzg_json.h"
#include "setup/kzg_sign.h"
#include "setup/kzg_transcript.h"

#include <stdio.h>
#include <string.h>

/* What goes out: contribution.json's bytes, or the same content in binary, which is kept too. */
static bool response_bytes(Participant *p, CvkBuf *binary, const CvkBuf **ret, CvkErr *err) {
    bool is_binary = p->form == KZG_FORM_BINARY;
    *ret = is_binary ? binary : &p->response_json;
    return !is_binary || (kzg_binary_write(json_to_buf(binary), p->response, err) &&
                          participant_save(p, "contribution.bin", binary->data, binary->n, err));
}

bool participant_submit(Participant *p, CvkErr *err) {
    _cleanup_buf_ CvkBuf binary = CVK_BUF(LIMIT_CHALLENGE);
    const CvkBuf *response;
    if (!response_bytes(p, &binary, &response, err))
        return false;
    cvk_sha256(response->data, response->n, p->sent);
    Progress bar = progress_start("sending", true, false);
    say_step("handing in %.1f MB; the server verifies it before it answers",
             (double)response->n / 1e6);
    bool ok = kzg_client_submit(p->client, cvk_buf_str(response), response->n, progress_to(&bar),
                                &p->receipt_json, &p->receipt, err);
    progress_end(&bar);
    if (!ok)
        return false;
    if (!participant_save(p, "receipt.json", p->receipt_json.data, p->receipt_json.n, err))
        return cvk_fail_prefix(err, "the receipt could not be kept");
    say_step("accepted: the receipt is kept in %s/receipt.json", p->dir);
    participant_remove(p, "request.json");
    return true;
}

/* ---- what holds ---- */

const char *participant_bls_state(const Participant *p) {
    bool present = p->response->n > 0;
    for (size_t i = 0; i < p->response->n; i++) {
        const KzgSubWire *s = &p->response->subs[i];
        present = present && s->bls.present;
        if (s->bls.present && !kzg_bls_verify(p->identity, s->pubkey, s->bls.bytes))
            return "invalid";
    }
    return present ? "valid" : "absent";
}

const char *participant_ecdsa_state(const Participant *p) {
    if (!p->response->ecdsa.present)
        return "absent";
    return kzg_ecdsa_verify(p->identity, &p->sizes, (const uint8_t(*)[KZG_G2_BYTES])p->pubkeys,
                            p->response->ecdsa.bytes)
               ? "valid"
               : "invalid";
}

/* Does the receipt name this identity and these keys, and did the server's key sign it? Who came
 * with a session alone learns here who the server takes them for. */
static bool receipt_holds(Participant *p, const uint8_t server[ETH_ADDRESS_BYTES]) {
    uint8_t signer[ETH_ADDRESS_BYTES];
    KzgReceipt r;
    if (!kzg_receipt_read(p->receipt.text, &r, NULL))
        return false;
    if (p->identity[0] == '\0')
        snprintf(p->identity, sizeof p->identity, "%s", r.identity);
    return strcmp(r.identity, p->identity) == 0 && r.n == p->response->n &&
           memcmp(r.witness, p->pubkeys, r.n * KZG_G2_BYTES) == 0 &&
           kzg_receipt_signer(p->receipt.text, p->receipt.signature, signer) &&
           memcmp(signer, server, sizeof signer) == 0;
}

static bool check_receipt(Participant *p, char ret_address[ETH_ADDRESS_TEXT], CvkErr *err) {
    KzgStatus status;
    if (!kzg_client_status(p->client, &status, err))
        return false;
    eth_address_checksummed(status.address, ret_address);
    memcpy(p->server, status.address, sizeof p->server);
    p->receipt_valid = receipt_holds(p, status.address);
    return true;
}

/* The public keys of the response, where another process made it. */
static bool take_pubkeys(Participant *p, CvkErr *err) {
    if (p->pubkeys != NULL)
        return true;
    p->pubkeys = cvk_alloc(p->response->n, sizeof *p->pubkeys, err);
    for (size_t i = 0; p->pubkeys != NULL && i < p->response->n; i++)
        memcpy(p->pubkeys[i], p->response->subs[i].pubkey, KZG_G2_BYTES);
    return p->pubkeys != NULL;
}

/* The entry that the keys found must also hold what was handed in. */
static bool products_match(const Participant *p, size_t entry) {
    for (size_t i = 0; i < p->response->n; i++) {
        const KzgWitnessWire *w = &p->transcript->subs[i].witness;
        if (entry >= w->n_products || p->response->subs[i].powers.n_g1 < 2 ||
            memcmp(w->products[entry], p->response->subs[i].powers.g1[1], KZG_G1_BYTES) != 0)
            return false;
    }
    return true;
}

/* Does it build on what the same transcript has before it? */
static bool links_hold(const Participant *p, size_t entry) {
    for (size_t i = 0; i < p->response->n; i++) {
        const KzgWitnessWire *w = &p->transcript->subs[i].witness;
        if (entry == 0 ||
            !kzg_link_holds(w->products[entry - 1], p->pubkeys[i], w->products[entry]))
            return false;
    }
    return true;
}

static void find_own(Participant *p) {
    size_t entry;
    bool found;
    p->index = 0;
    if (p->transcript == NULL || p->transcript->n != p->response->n)
        return;
    kzg_transcript_find(p->transcript, p->identity, (const uint8_t(*)[KZG_G2_BYTES])p->pubkeys,
                        p->response->n, &entry, &found);
    if (found && products_match(p, entry)) {
        p->index = entry;
        p->links_hold = links_hold(p, entry);
    }
}

bool participant_look_back(Participant *p, CvkErr *err) {
    char address[ETH_ADDRESS_TEXT];
    if (!take_pubkeys(p, err))
        return false;
    if (!check_receipt(p, address, err))
        return cvk_fail_prefix(err, "could not ask whose key signs receipts");
    say_step("signatures: BLS %s, ECDSA %s, receipt %s (signed by the server's key %s)",
             participant_bls_state(p), participant_ecdsa_state(p),
             p->receipt_valid ? "valid" : "INVALID", address);
    if (!participant_fetch_transcript(p, err))
        return cvk_fail_prefix(err, "could not look into the transcript");
    find_own(p);
    if (p->index > 0)
        say_step("your contribution stands in the public transcript as number %zu%s", p->index,
                 p->links_hold ? ", built on the one before it"
                               : ", but does NOT build on the one before it there");
    else
        say_step("your contribution is NOT in the public transcript: show the receipt to others");
    return true;
}

bool participant_is_fine(const Participant *p) {
    return p->receipt_valid && p->index > 0 && p->links_hold;
}

/* What the contribution is signed with, for whoever keeps the outcome. */
static void put_signatures(const Participant *p, JsonWriter *w) {
    json_put_key(w, "keys");
    json_array_begin(w);
    for (size_t i = 0; i < p->response->n; i++) {
        const KzgSubWire *s = &p->response->subs[i];
        json_object_begin(w);
        json_put_key(w, "potPubkey");
        json_put_hex(w, s->pubkey, sizeof s->pubkey);
        json_put_key(w, "blsSignature");
        json_put_hex(w, s->bls.bytes, s->bls.present ? sizeof s->bls.bytes : 0);
        json_object_end(w);
    }
    json_array_end(w);
    json_put_key(w, "ecdsaSignature");
    json_put_hex(w, p->response->ecdsa.bytes,
                 p->response->ecdsa.present ? sizeof p->response->ecdsa.bytes : 0);
}

bool participant_print(const Participant *p, bool json, CvkErr *err) {
    if (!json) {
        if (participant_is_fine(p))
            say_result("contribution %zu of %s: accepted, receipt valid, in the transcript",
                       p->index, p->identity);
        else
            say_result("accepted, but the server does not keep its word: receipt %s, %s",
                       p->receipt_valid ? "valid" : "invalid",
                       p->index == 0   ? "not in the transcript"
                       : p->links_hold ? "in the transcript"
                                       : "in a transcript that does not hang together");
        return true;
    }
    JsonWriter w = JSON_WRITER(json_to_file(stdout), 0);
    char signer[ETH_ADDRESS_TEXT];
    eth_address_checksummed(p->server, signer);
    json_object_begin(&w);
    json_put_key(&w, "identity");
    json_put_str(&w, p->identity);
    json_put_key(&w, "index");
    json_put_uint(&w, p->index);
    json_put_key(&w, "included");
    json_put_bool(&w, p->index > 0);
    json_put_key(&w, "link");
    json_put_bool(&w, p->links_hold);
    const char *const states[][2] = {{"bls", participant_bls_state(p)},
                                     {"ecdsa", participant_ecdsa_state(p)},
                                     {"receipt", p->receipt_valid ? "valid" : "invalid"},
                                     {"signer", signer},
                                     {"attestation", !p->attested            ? "none"
                                                     : p->attestation_signed ? "signed"
                                                                             : "unsigned"},
                                     {"dir", p->dir}};
    for (size_t i = 0; i < sizeof states / sizeof *states; i++) {
        json_put_key(&w, states[i][0]);
        json_put_str(&w, states[i][1]);
    }
    put_signatures(p, &w);
    json_object_end(&w);
    return json_finish(&w, err) && putchar('\n') != EOF;
}
