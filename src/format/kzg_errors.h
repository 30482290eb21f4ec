/* Codes and texts of the KZG protocol for what is wrong with a document (reference 1.5): the words
 * of the original server, which clients match on, and our own where it has none. Threads: any. */
#pragma once

#include "base/err.h"
#include "setup/kzg_lagrange.h"
#include "setup/kzg_report.h"
#include "setup/kzg_transcript.h"

#include <stddef.h>

#define KZG_TEXT 256 /* room for any text made here */

/* "CeremonyError::G1PairingFailed"; NULL for a valid one. */
const char *kzg_report_code(const KzgReport *report);

/* "contribution invalid: Error in contribution 0: G1 pairing check failed"; "" for a valid one. */
void kzg_report_text(const KzgReport *report, char ret[KZG_TEXT]);

/* The same without "contribution invalid: Error in contribution 0: ", and with the index where the
 * protocol's text has none: for people who look for the fault. */
void kzg_report_detail(const KzgReport *report, char ret[KZG_TEXT]);

/* "not a valid x coordinate" */
void kzg_point_text(const PointReport *point, char ret[KZG_TEXT]);

/* A code of our own, such as "transcript.broken_chain" or "trusted_setup.not_lagrange", NULL for a
 * valid one; and a text that says where and why. */
const char *kzg_transcript_code(const TranscriptReport *report);
void kzg_transcript_text(const TranscriptReport *report, char ret[KZG_TEXT]);
const char *trusted_setup_code(const TrustedSetupReport *report);
void trusted_setup_text(const TrustedSetupReport *report, char ret[KZG_TEXT]);

/* How the original server answers a document that could not be read: the status (400 not JSON, 422
 * JSON of another shape, 413 too long) and the text before ours. 0: `err` is no fault of the
 * document (see format/doc.h), ret is "". */
unsigned kzg_document_status(const CvkErr *err, char ret[KZG_TEXT + CVK_ERR_MSG_MAX]);
