#include "cli/contribute.h"
#include "cli/say.h"
#include "format/attestation.h"

#include <stdio.h>
#include <string.h>

/* The server's time where its receipt says it, so that the two agree. */
static bool fill(const Participant *p, Attestation *a, CvkErr *err) {
    ReceiptClaims claims;
    if (!receipt_claims_read(p->receipt.text, &claims, err))
        return false;
    *a = (Attestation){.index = p->index, .sizes = p->sizes, .receipt = p->receipt};
    snprintf(a->server, sizeof a->server, "%s", p->url);
    snprintf(a->identity, sizeof a->identity, "%s", p->identity);
    if (claims.time[0] != '\0')
        memcpy(a->time, claims.time, sizeof a->time);
    else
        cvk_time_format(cvk_wall_ms(), a->time);
    memcpy(a->response, p->sent, sizeof a->response);
    memcpy(a->signer, p->server, sizeof a->signer);
    memcpy(a->keys, p->pubkeys, p->response->n * KZG_G2_BYTES);
    bool bls = strcmp(participant_bls_state(p), "valid") == 0;
    for (size_t i = 0; bls && i < p->response->n; i++)
        a->bls[i] = p->response->subs[i].bls;
    if (strcmp(participant_ecdsa_state(p), "valid") == 0)
        a->ecdsa = p->response->ecdsa;
    return true;
}

/* Our key, where it is the identity's own. */
static const uint8_t *own_key(const Participant *p) {
    uint8_t address[ETH_ADDRESS_BYTES];
    char text[ETH_ADDRESS_TEXT], own[LIMIT_IDENTITY + 1];
    if (p->key == NULL || !eth_key_address(p->key, address, NULL))
        return NULL;
    eth_address_lower(address, text);
    snprintf(own, sizeof own, "eth|%s", text);
    return strcmp(own, p->identity) == 0 ? p->key : NULL;
}

bool participant_attest(Participant *p, CvkErr *err) {
    _cleanup_buf_ CvkBuf text = CVK_BUF(LIMIT_TEXT_FILE);
    Attestation a;
    const uint8_t *key = own_key(p);
    if (!participant_is_fine(p))
        return true;
    if (!fill(p, &a, err) || !attestation_write(&a, key, &text, err) ||
        !participant_save(p, "attestation.txt", text.data, text.n, err))
        return cvk_fail_prefix(err, "could not write an attestation");
    p->attested = true;
    p->attestation_signed = key != NULL;
    say_step("your attestation is %s/attestation.txt%s: publish it where people know you", p->dir,
             key != NULL ? ", signed with your key" : "");
    return true;
}
