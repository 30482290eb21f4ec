/* Reports as sentences: where a fault is and what it means, for people and for --json. The words of
 * the KZG protocol, which its clients match on, are in format/kzg_errors.h.
 *
 * Sub-ceremonies are counted from 1, as in "sub-ceremony 2 of 4"; powers and entries are counted
 * as the mathematics counts them: power 0 is the generator, entry 0 the initial state. Pure. */
#pragma once

#include "setup/kzg_lagrange.h"
#include "setup/kzg_report.h"
#include "setup/kzg_transcript.h"

#define REPORT_TEXT 400

/* The id is a constant such as "g1_pairing" ("valid" for no fault); programs match on it. */
const char *report_kzg(const KzgReport *r, char ret[REPORT_TEXT]);
const char *report_transcript(const TranscriptReport *r, char ret[REPORT_TEXT]);
const char *report_trusted_setup(const TrustedSetupReport *r, char ret[REPORT_TEXT]);
