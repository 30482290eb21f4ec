/* A panel from a file that 'convoke market export' has written: submissions as CSV (RFC 4180, names
 * in the first line) or JSON lines. Columns are known by their names, others are passed over;
 * needed are participant, batch or batch_name, proving_time_ms, cost_cents and price_cents.
 * Requests that are open are in no such file. */
#pragma once

#include "codec/json_source.h"
#include "market/panel.h"

#define PANEL_RECORD_MAX (64u << 10) /* bytes of one line of CSV */
#define PANEL_CSV_COLUMNS_MAX 128

/* CSV, or JSON lines if it begins with a brace. "panel.csv", "panel.field", "json.*"; messages name
 * the line. The caller frees. A microsecond a field. */
bool panel_read(JsonSource from, Panel **ret, CvkErr *err) MUST_USE;
