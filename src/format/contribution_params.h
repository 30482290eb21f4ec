/* What a contribution says of itself, as it lies in .ptau and .zkey: type (u32), length (u32), then
 * fields with rising ids: 1 name, 2 iterations of the beacon, 3 its hash.
 * Threads: pure functions. */
#pragma once

#include "base/source.h"
#include "format/sections.h"
#include "setup/contribution_params.h"

/* Ids "contribution.type", "contribution.params" (order, unknown id, lengths that do not fit),
 * "contribution.beacon" (a beacon without its hash or iterations), "section.short". */
bool contribution_params_read(SectionCursor *from, ContributionParams *ret, CvkErr *err) MUST_USE;
bool contribution_params_write(const ContributionParams *p, const CvkSink *to,
                               CvkErr *err) MUST_USE;

/* Gives it a name, cut after 64 UTF-16 units as snarkjs does, but never inside a character; "" is
 * no name. False ("contribution.name"): it is no UTF-8. */
bool contribution_params_set_name(ContributionParams *p, const char *name, CvkErr *err) MUST_USE;
