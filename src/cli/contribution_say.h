/* What contributions to powers of tau and to keys say of themselves, for programs: one object each,
 * with the same names for the same things. Threads: none. */
#pragma once

#include "codec/json_write.h"
#include "setup/contribution_params.h"

/* Begins the object: "type" (contribution or beacon), and as far as they are there "name",
 * "beacon_hash" and "iterations_exp". The caller adds hashes and ends it. */
void contribution_begin(const ContributionParams *p, JsonWriter *w);
