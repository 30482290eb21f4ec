/* The verification key of zkSync Era's last circuit, as the project publishes it in JSON:
 * coordinates are four 64-bit numbers, the least significant first; "c0", "c1" in G2.
 *
 * The reader trusts nothing: numbers are canonical, points are in their groups and not infinity,
 * and whatever this system has as a constant (rows, wires, cosets, G2's generator) is compared with
 * it. Unknown fields are not looked at. Threads: as the reader. */
#pragma once

#include "codec/json_read.h"
#include "setup/plonk.h"

/* The value that comes next in a document. Errors: of format/doc.h, "plonk.point", "plonk.key" (a
 * key of another system). */
bool plonk_vkey_read(JsonReader *r, PlonkKey *ret, CvkErr *err) MUST_USE;
