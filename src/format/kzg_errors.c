#include "format/kzg_errors.h"

#include "format/doc.h"
#include "format/kzg_binary.h"

#include <stdio.h>
#include <string.h>

/* "not a valid x coordinate" */
static void point_text(const PointReport *point, char ret[KZG_TEXT]) {
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
    point_text(point, why);
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

unsigned kzg_document_status(const CvkErr *err, char ret[KZG_TEXT + CVK_ERR_MSG_MAX]) {
    size_t room = KZG_TEXT + CVK_ERR_MSG_MAX;
    switch (doc_fault(err)) {
    case DOC_NO_FAULT:
        ret[0] = '\0';
        return 0;
    case DOC_NOT_JSON:
        snprintf(ret, room, "Failed to parse the request body as JSON: %s", err->msg);
        return 400;
    case DOC_NOT_BINARY:
        snprintf(ret, room, "Failed to parse the request body as " KZG_BINARY_TYPE ": %s",
                 err->msg);
        return 400;
    case DOC_WRONG_SHAPE:
        snprintf(ret, room, "Failed to deserialize the %s body into the target type: %s",
                 strncmp(err->id, "binary.", 7) == 0 ? "binary" : "JSON", err->msg);
        return 422;
    case DOC_TOO_LONG:
        snprintf(ret, room, "length limit exceeded");
        return 413;
    }
    return 0;
}
