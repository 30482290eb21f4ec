/* Codes and texts of the KZG protocol for what is wrong with a contribution (reference 1.5): the
 * words of the original server, which clients match on, and our own where it has none. What people
 * and --json are told about any document is in format/report.h. Threads: any. */
#pragma once

#include "base/err.h"
#include "setup/kzg_report.h"

#include <stddef.h>

#define KZG_TEXT 256 /* room for any text made here */

/* "CeremonyError::G1PairingFailed"; NULL for a valid one. */
const char *kzg_report_code(const KzgReport *report);

/* "contribution invalid: Error in contribution 0: G1 pairing check failed"; "" for a valid one. */
void kzg_report_text(const KzgReport *report, char ret[KZG_TEXT]);

/* How the original server answers a document that could not be read: the status (400 not JSON, 422
 * JSON of another shape, 413 too long) and the text before ours; for the binary form, the same. 0:
 * `err` is no fault of the document (see format/doc.h), ret is "". */
unsigned kzg_document_status(const CvkErr *err, char ret[KZG_TEXT + CVK_ERR_MSG_MAX]);
