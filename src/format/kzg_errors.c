#include "format/kzg_errors.h"

#include "format/doc.h"

#include <stdio.h>
#include <string.h>

void kzg_point_text(const PointReport *point, char ret[KZG_TEXT]) {
    const char *text = "";
    switch (point->fault) {
    case POINT_OK:
        break;
    case POINT_NOT_COMPRESSED:
        text = "Point is not compressed";
        break;
    case POINT_BAD_INFINITY:
        text = "Point at infinity must have zero x coordinate";
        break;
    case POINT_X_TOO_LARGE:
        snprintf(ret, KZG_TEXT,
                 "Error in extension field component %u: Number is too large for the prime field",
                 point->component);
        return;
    case POINT_NOT_ON_CURVE:
        text = "not a valid x coordinate";
        break;
    case POINT_NOT_IN_GROUP:
        text = "curve point is not in prime order subgroup";
        break;
    case POINT_INFINITY: /* the original server has no text for it: it never reports it */
        text = "point at infinity";
        break;
    }
    snprintf(ret, KZG_TEXT, "%s", text);
}

const char *kzg_report_code(const KzgReport *report) {
    switch (report->verdict) {
    case KZG_VALID:
        return NULL;
    case KZG_WRONG_NUM_SUBS:
        return "CeremoniesError::UnexpectedNumContributions";
    case KZG_WRONG_NUM_G1:
        return "CeremonyError::UnexpectedNumG1Powers";
    case KZG_WRONG_NUM_G2:
        return "CeremonyError::UnexpectedNumG2Powers";
    case KZG_BAD_G1_POINT:
        return "CeremonyError::InvalidG1Power";
    case KZG_BAD_G2_POINT:
    case KZG_BAD_PUBKEY_POINT:
        return "CeremonyError::InvalidG2Power";
    case KZG_ZERO_PUBKEY:
        return "CeremonyError::ZeroPubkey";
    case KZG_PUBKEY_PAIRING:
        return "CeremonyError::PubKeyPairingFailed";
    case KZG_G1_PAIRING:
        return "CeremonyError::G1PairingFailed";
    case KZG_G2_PAIRING:
        return "CeremonyError::G2PairingFailed";
    case KZG_NO_ENTROPY:
        return "CeremonyError::ContributionNoEntropy";
    case KZG_DUPLICATE_KEY:
        return "CeremonyError::DuplicateKey";
    }
    return NULL;
}

/* "Error parsing G2 power 3: ..." */
static void power_text(const char *group, size_t index, const PointReport *point,
                       char ret[KZG_TEXT]) {
    char why[KZG_TEXT];
    kzg_point_text(point, why);
    snprintf(ret, KZG_TEXT, "Error parsing %s power %zu: %.128s", group, index, why);
}

/* The protocol's words for one sub-setup. */
static void sub_text(const KzgReport *report, char ret[KZG_TEXT]) {
    const char *text = "";
    switch (report->verdict) {
    case KZG_VALID:
        break;
    case KZG_WRONG_NUM_SUBS:
        snprintf(ret, KZG_TEXT, "Unexpected number of contributions: expected %zu, got %zu",
                 report->expected, report->got);
        return;
    case KZG_WRONG_NUM_G1:
        snprintf(ret, KZG_TEXT, "Unexpected number of G1 powers: expected %zu, got %zu",
                 report->expected, report->got);
        return;
    case KZG_WRONG_NUM_G2:
        snprintf(ret, KZG_TEXT, "Unexpected number of G2 powers: expected %zu, got %zu",
                 report->expected, report->got);
        return;
    case KZG_BAD_G1_POINT:
        power_text("G1", report->index, &report->point, ret);
        return;
    case KZG_BAD_G2_POINT:
        power_text("G2", report->index, &report->point, ret);
        return;
    case KZG_BAD_PUBKEY_POINT: /* the original server reports the pubkey as this power */
        power_text("G2", 0, &report->point, ret);
        return;
    case KZG_ZERO_PUBKEY:
        text = "pubkey is zero";
        break;
    case KZG_PUBKEY_PAIRING:
        text = "Pubkey pairing check failed";
        break;
    case KZG_G1_PAIRING:
        text = "G1 pairing check failed";
        break;
    case KZG_G2_PAIRING:
        text = "G2 pairing check failed";
        break;
    case KZG_NO_ENTROPY:
        text = "Contribution contains no entropy: pubkey equals generator";
        break;
    case KZG_DUPLICATE_KEY:
        text = "pubkey was already used in this ceremony";
        break;
    }
    snprintf(ret, KZG_TEXT, "%s", text);
}

void kzg_report_text(const KzgReport *report, char ret[KZG_TEXT]) {
    char text[KZG_TEXT];
    sub_text(report, text);
    if (report->verdict == KZG_VALID)
        ret[0] = '\0';
    else if (report->verdict == KZG_WRONG_NUM_SUBS)
        snprintf(ret, KZG_TEXT, "contribution invalid: %.180s", text);
    else
        snprintf(ret, KZG_TEXT, "contribution invalid: Error in contribution %zu: %.180s",
                 report->sub, text);
}

void kzg_report_detail(const KzgReport *report, char ret[KZG_TEXT]) {
    char text[KZG_TEXT];
    sub_text(report, text);
    if (report->verdict == KZG_G1_PAIRING || report->verdict == KZG_G2_PAIRING)
        snprintf(ret, KZG_TEXT, "%.180s at power %zu", text, report->index);
    else if (report->verdict == KZG_BAD_PUBKEY_POINT)
        snprintf(ret, KZG_TEXT, "potPubkey: %.180s", strchr(text, ':') + 2);
    else
        memcpy(ret, text, KZG_TEXT);
}

const char *kzg_transcript_code(const TranscriptReport *report) {
    switch (report->verdict) {
    case TRANSCRIPT_VALID:
        return NULL;
    case TRANSCRIPT_WRONG_SIZES:
        return "transcript.wrong_sizes";
    case TRANSCRIPT_UNEVEN_LISTS:
        return "transcript.uneven_lists";
    case TRANSCRIPT_BAD_IDENTITY:
        return "transcript.bad_identity";
    case TRANSCRIPT_BAD_START:
        return "transcript.bad_start";
    case TRANSCRIPT_BAD_PRODUCT:
        return "transcript.bad_product";
    case TRANSCRIPT_BAD_PUBKEY:
        return "transcript.bad_pubkey";
    case TRANSCRIPT_BAD_POWERS:
        return "transcript.bad_powers";
    case TRANSCRIPT_BROKEN_CHAIN:
        return "transcript.broken_chain";
    case TRANSCRIPT_WRONG_END:
        return "transcript.wrong_end";
    case TRANSCRIPT_NO_ENTROPY:
        return "transcript.no_entropy";
    case TRANSCRIPT_DUPLICATE_KEY:
        return "transcript.duplicate_key";
    case TRANSCRIPT_EQUAL_TAU:
        return "transcript.equal_tau";
    case TRANSCRIPT_BAD_BLS:
        return "transcript.bad_bls_signature";
    case TRANSCRIPT_BAD_ECDSA:
        return "transcript.bad_ecdsa_signature";
    }
    return NULL;
}

void kzg_transcript_text(const TranscriptReport *report, char ret[KZG_TEXT]) {
    size_t sub = report->sub, entry = report->entry;
    char why[KZG_TEXT];
    switch (report->verdict) {
    case TRANSCRIPT_VALID:
        ret[0] = '\0';
        return;
    case TRANSCRIPT_WRONG_SIZES:
        snprintf(ret, KZG_TEXT, "transcript %zu: the sizes are not those of the ceremony", sub);
        return;
    case TRANSCRIPT_UNEVEN_LISTS:
        snprintf(
            ret, KZG_TEXT,
            "transcript %zu: the lists of the witness and of the participants differ in length",
            sub);
        return;
    case TRANSCRIPT_BAD_IDENTITY:
        snprintf(ret, KZG_TEXT, "participant %zu: the identity is of no known form", entry);
        return;
    case TRANSCRIPT_BAD_START:
        snprintf(ret, KZG_TEXT, "transcript %zu: entry 0 is not the initial state", sub);
        return;
    case TRANSCRIPT_BAD_PRODUCT:
    case TRANSCRIPT_BAD_PUBKEY:
        kzg_point_text(&report->point, why);
        snprintf(ret, KZG_TEXT, "transcript %zu: %s %zu: %.128s", sub,
                 report->verdict == TRANSCRIPT_BAD_PRODUCT ? "running product" : "potPubkey", entry,
                 why);
        return;
    case TRANSCRIPT_BAD_POWERS:
        kzg_report_detail(&report->powers, why);
        snprintf(ret, KZG_TEXT, "transcript %zu: %.180s", sub, why);
        return;
    case TRANSCRIPT_BROKEN_CHAIN:
        snprintf(ret, KZG_TEXT,
                 "transcript %zu: contribution %zu does not follow from the one before", sub,
                 entry);
        return;
    case TRANSCRIPT_WRONG_END:
        snprintf(ret, KZG_TEXT, "transcript %zu: the last running product is not G1 power 1", sub);
        return;
    case TRANSCRIPT_NO_ENTROPY:
        snprintf(ret, KZG_TEXT, "transcript %zu: potPubkey %zu is the generator", sub, entry);
        return;
    case TRANSCRIPT_DUPLICATE_KEY:
        snprintf(ret, KZG_TEXT, "transcript %zu: potPubkey %zu was used before", sub, entry);
        return;
    case TRANSCRIPT_EQUAL_TAU:
        snprintf(ret, KZG_TEXT, "transcript %zu: the same tau as in an earlier transcript", sub);
        return;
    case TRANSCRIPT_BAD_BLS:
        snprintf(ret, KZG_TEXT, "transcript %zu: blsSignature %zu is not of that participant", sub,
                 entry);
        return;
    case TRANSCRIPT_BAD_ECDSA:
        snprintf(ret, KZG_TEXT, "participant %zu: the ECDSA signature is not theirs", entry);
        return;
    }
}

const char *trusted_setup_code(const TrustedSetupReport *report) {
    switch (report->verdict) {
    case TRUSTED_SETUP_VALID:
        return NULL;
    case TRUSTED_SETUP_WRONG_SIZE:
        return "trusted_setup.wrong_size";
    case TRUSTED_SETUP_BAD_POWERS:
        return "trusted_setup.bad_powers";
    case TRUSTED_SETUP_BAD_LAGRANGE:
        return "trusted_setup.bad_lagrange";
    case TRUSTED_SETUP_NOT_LAGRANGE:
        return "trusted_setup.not_lagrange";
    case TRUSTED_SETUP_NO_ENTROPY:
        return "trusted_setup.no_entropy";
    }
    return NULL;
}

void trusted_setup_text(const TrustedSetupReport *report, char ret[KZG_TEXT]) {
    char why[KZG_TEXT];
    switch (report->verdict) {
    case TRUSTED_SETUP_VALID:
        ret[0] = '\0';
        return;
    case TRUSTED_SETUP_WRONG_SIZE:
        snprintf(ret, KZG_TEXT, "not a size that a trusted setup can have");
        return;
    case TRUSTED_SETUP_BAD_POWERS:
        kzg_report_detail(&report->powers, ret);
        return;
    case TRUSTED_SETUP_BAD_LAGRANGE:
        kzg_point_text(&report->point, why);
        snprintf(ret, KZG_TEXT, "g1_lagrange %zu: %.128s", report->index, why);
        return;
    case TRUSTED_SETUP_NOT_LAGRANGE:
        snprintf(ret, KZG_TEXT, "g1_lagrange %zu is not the Lagrange form of the powers",
                 report->index);
        return;
    case TRUSTED_SETUP_NO_ENTROPY:
        snprintf(ret, KZG_TEXT, "tau is 1: nobody has contributed");
        return;
    }
}

unsigned kzg_document_status(const CvkErr *err, char ret[KZG_TEXT + CVK_ERR_MSG_MAX]) {
    size_t room = KZG_TEXT + CVK_ERR_MSG_MAX;
    switch (doc_fault(err)) {
    case DOC_NO_FAULT:
        ret[0] = '\0';
        return 0;
    case DOC_NOT_JSON:
        snprintf(ret, room, "Failed to parse the request body as JSON: %s", err->msg);
        return 400;
    case DOC_WRONG_SHAPE:
        snprintf(ret, room, "Failed to deserialize the JSON body into the target type: %s",
                 err->msg);
        return 422;
    case DOC_TOO_LONG:
        snprintf(ret, room, "length limit exceeded");
        return 413;
    }
    return 0;
}
