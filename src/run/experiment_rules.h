/* An experiment's definition: its rules as JSON that never changes (its hash is in the journal's
 * first entry), and as "key=value" settings. Threads: pure functions. */
#pragma once

#include "base/err.h"
#include "market/market.h"

/* Over market_usual_rules, in their order; a seed is drawn if none is said. The caller frees.
 * `settings`: NULL-terminated, may be NULL; docs/MARKET.md lists them. NULL (CVK_EBADREQ):
 * "experiment.name", "setting.unknown", "setting.value". */
char *experiment_definition(const char *name, const char *const *settings, CvkErr *err) MUST_USE;

/* Does this setting ("key=value") make sense? What is wrong is said of `shown` (NULL: of the key).
 * Errors as above. */
bool experiment_setting_check(const char *pair, const char *shown, CvkErr *err) MUST_USE;

/* ret_name[64]: as the definition says it. */
bool experiment_rules_read(const char *json, char *ret_name, MarketRules *ret,
                           CvkErr *err) MUST_USE;
