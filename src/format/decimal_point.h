/* Points as snarkjs's JSON files have them: projective coordinates as decimal strings, ["x", "y",
 * "1"] in G1 and [["x0", "x1"], ["y0", "y1"], ["1", "0"]] in G2; infinity is (0, 1, 0).
 * Threads: as the reader and the writer. */
#pragma once

#include "algebra/curve.h"
#include "codec/json_read.h"
#include "codec/json_write.h"

#define DECIMAL_COORDINATE 48 /* bytes: enough for every curve's field */

/* Three coordinates of one (G1) or two parts (G2), big endian, in the document's order: read before
 * it is known which curve they are of. */
typedef struct {
    uint8_t c[3 * 2][DECIMAL_COORDINATE];
} DecimalPoint;

/* "json.type" for another shape; "decimal.number" for a text that is no whole number, or too large
 * for any curve. */
bool decimal_point_read_g1(JsonReader *r, DecimalPoint *ret, CvkErr *err) MUST_USE;
bool decimal_point_read_g2(JsonReader *r, DecimalPoint *ret, CvkErr *err) MUST_USE;

/* The point in FORM_UNCOMPRESSED, not yet checked to be one. NULL; or why it cannot be: "has a
 * coordinate that ..." */
const char *decimal_point_bytes(const DecimalPoint *p, const Group *g, uint8_t *ret) MUST_USE;

/* The point, checked. NULL, or what is wrong with it: "is not on the curve". */
const char *decimal_point_element(const DecimalPoint *p, const Group *g, bool infinity,
                                  Element *ret) MUST_USE;

void decimal_point_write(JsonWriter *w, const Element *e);

/* `bytes` of a number, big endian, as a decimal string. */
void decimal_put(JsonWriter *w, const uint8_t *be, size_t bytes);
/* A decimal string of at most `bytes` bytes. */
bool decimal_read(JsonReader *r, uint8_t *ret_be, size_t bytes, CvkErr *err) MUST_USE;
