#include "base/alloc.h"
#include "base/clock.h"
#include "base/rng.h"
#include "base/secret.h"
#include "cli/contribute.h"
#include "cli/progress.h"
#include "cli/say.h"
#include "format/doc.h"
#include "format/kzg_json.h"
#include "format/report.h"
#include "setup/kzg_identity.h"
#include "setup/kzg_sign.h"
#include "setup/kzg_verify.h"

#include <string.h>

bool participant_init(Participant *p, CvkErr *err) {
    *p = (Participant){.base = CVK_BUF(LIMIT_CHALLENGE), .response_json = CVK_BUF(LIMIT_CHALLENGE)};
    p->pool = cvk_pool_new(0, err);
    return p->pool != NULL;
}

void participant_done(Participant *p) {
    p->key = cvk_secret_free(p->key);
    p->secrets = kzg_secrets_free(p->secrets);
    for (size_t i = 0; i < LIMIT_KZG_SUBS; i++)
        p->powers[i] = kzg_powers_free(p->powers[i]);
    p->challenge = kzg_wire_free(p->challenge);
    p->response = kzg_wire_free(p->response);
    p->transcript = kzg_transcript_wire_free(p->transcript);
    cvk_buf_done(&p->base);
    cvk_buf_done(&p->response_json);
    cvk_buf_done(&p->receipt_json);
    kzg_receipt_answer_done(&p->receipt);
    free(p->pubkeys);
    free(p->bls);
    p->client = kzg_client_free(p->client);
    p->web = web_client_free(p->web);
    p->pool = cvk_pool_free(p->pool);
}

/* ---- before the turn ---- */

/* The invitation's key may sign for its own address only. */
static bool may_sign_ecdsa(const Participant *p) {
    uint8_t own[ETH_ADDRESS_BYTES], named[ETH_ADDRESS_BYTES];
    return p->key != NULL && eth_key_address(p->key, own, NULL) &&
           kzg_identity_eth(p->identity, named) && memcmp(own, named, sizeof own) == 0;
}

static bool sign_ecdsa(Participant *p, CvkErr *err) {
    uint8_t digest[32];
    p->ecdsa.present = false;
    if (!p->ecdsa_wanted)
        return true;
    if (!may_sign_ecdsa(p)) {
        if (p->ecdsa_forced)
            return cvk_fail(err, CVK_EBADREQ, "ecdsa.key",
                            "--ecdsa yes needs an invitation whose own address is the identity");
        return true;
    }
    kzg_eip712_digest(&p->sizes, (const uint8_t(*)[KZG_G2_BYTES])p->pubkeys, digest);
    p->ecdsa.present = true;
    return eth_sign(p->key, digest, p->ecdsa.bytes, err);
}

bool participant_sign(Participant *p, CvkErr *err) {
    if (p->identity[0] != '\0' && !kzg_bls_sign(p->secrets, p->identity, p->bls, err))
        return false;
    return sign_ecdsa(p, err);
}

bool participant_prepare(Participant *p, const char *extra, CvkErr *err) {
    char count[48];
    if (extra == NULL)
        extra = "";
    p->secrets = kzg_secrets_new(p->sizes.n, extra, strlen(extra), err);
    p->pubkeys = cvk_alloc(p->sizes.n, sizeof *p->pubkeys, err);
    p->bls = cvk_alloc(p->sizes.n, sizeof *p->bls, err);
    if (p->secrets == NULL || p->pubkeys == NULL || p->bls == NULL ||
        !kzg_pubkeys(p->secrets, p->pubkeys, err) || !participant_sign(p, err))
        return false;
    say_step("made %s on this machine%s, and their public keys%s",
             say_count(p->sizes.n, "secret", count, sizeof count),
             extra[0] != '\0' ? " (your words are in them)" : "",
             p->identity[0] == '\0' ? ""
             : p->ecdsa.present     ? ", BLS and ECDSA signatures"
                                    : " and BLS signatures");
    return true;
}

/* ---- the base ---- */

/* A malformed document is a bad base; memory that is short, say, is not. */
static bool decode(Participant *p, CvkErr *err) {
    if (p->challenge != NULL)
        return true;
    JsonMemory memory = {.data = cvk_buf_str(&p->base), .n = p->base.n};
    bool ok = kzg_form_read(json_from_memory(&memory), p->base.n, &p->challenge, err);
    cvk_buf_done(&p->base);
    if (ok)
        return true;
    if (doc_fault(err) != DOC_NO_FAULT) {
        CvkErr why = *err;
        return cvk_fail(err, CVK_ECONFLICT, "base.invalid",
                        "the challenge is malformed (%.140s): not contributing to it", why.msg);
    }
    return cvk_fail_prefix(err, "reading the challenge");
}

bool participant_save_base(Participant *p, CvkErr *err) {
    _cleanup_buf_ CvkBuf json = CVK_BUF(LIMIT_CHALLENGE);
    return decode(p, err) &&
           kzg_contribution_write(json_to_buf(&json), p->challenge, 0, KZG_JSON_SIGNATURES, err) &&
           participant_save(p, "challenge.json", json.data, json.n, err);
}

bool participant_check_base(Participant *p, CvkErr *err) {
    uint8_t seed[CVK_SEED_BYTES];
    KzgReport report;
    if (!decode(p, err))
        return false;
    say_step("checking the challenge");
    cvk_random(seed, sizeof seed);
    if (!kzg_verify_challenge(&p->sizes, p->challenge, seed, p->pool, p->powers, &report, err))
        return false;
    if (report.verdict != KZG_VALID) {
        char text[REPORT_TEXT];
        report_kzg(&report, text);
        return cvk_fail(err, CVK_ECONFLICT, "base.invalid",
                        "the challenge does not verify (%.140s): not contributing to it", text);
    }
    say_step("checked the challenge: every one of its points, and that they are powers");
    return true;
}

/* ---- the response ---- */

static bool write_response(Participant *p, CvkErr *err) {
    for (size_t i = 0; i < p->sizes.n; i++)
        if (p->identity[0] != '\0')
            p->response->subs[i].bls = p->bls[i];
    return kzg_contribution_write(json_to_buf(&p->response_json), p->response, 0,
                                  KZG_JSON_SIGNATURES, err);
}

bool participant_compute(Participant *p, CvkErr *err) {
    int64_t start = cvk_monotonic_ms();
    Progress bar = progress_start("computing", false, false);
    bool ok = kzg_contribute(p->powers, p->sizes.n, p->secrets, NULL, &p->ecdsa, p->pool,
                             progress_to(&bar), &p->response, err);
    progress_end(&bar);
    p->secrets = kzg_secrets_free(p->secrets);
    ok = ok && write_response(p, err);
    if (ok)
        say_step("computed the contribution in %.1f s; the secrets are wiped",
                 (double)(cvk_monotonic_ms() - start) / 1000);
    return ok;
}
