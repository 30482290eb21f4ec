/* The receipts of an export: [{"receipt":"...","signature":"..."}, ...] in the order of the
 * contributions. Threads: plain values. */
#pragma once

#include "algebra/eth_key.h"
#include "codec/json_source.h"

#include <stddef.h>
#include <stdint.h>

/* Calls fn with each, numbered from 1; fn may stop it by returning false. Errors: format/doc.h,
 * "receipt.signature" (not 130 digits). `max` caps the document. */
bool receipt_list_each(JsonSource source, size_t max,
                       bool (*fn)(void *ctx, uint64_t index, const char *text,
                                  const uint8_t signature[ETH_SIGNATURE_BYTES], CvkErr *err),
                       void *ctx, CvkErr *err) MUST_USE;
