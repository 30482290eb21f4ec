#include "format/plonk_point.h"

/* Each coordinate in reverse: that is all that FORM_UNCOMPRESSED does otherwise, as it has c1
 * before c0. */
static void reverse_coordinates(const Group *g, const uint8_t *from, uint8_t *ret) {
    size_t n = form_bytes(g, FORM_UNCOMPRESSED) / 2;
    for (size_t i = 0; i < n; i++) {
        ret[i] = from[n - 1 - i];
        ret[n + i] = from[2 * n - 1 - i];
    }
}

/* Bits that FORM_UNCOMPRESSED has for flags; no number below the prime has them. */
#define FLAGS 0xc0

const char *plonk_point_read(const Group *g, const uint8_t *le, Element *ret) {
    const PointReading reading = {.form = FORM_UNCOMPRESSED};
    uint8_t bytes[FORM_BYTES_MAX] = {0};
    reverse_coordinates(g, le, bytes);
    PointFault fault =
        (bytes[0] & FLAGS) != 0 ? POINT_X_TOO_LARGE : element_read(g, reading, bytes, ret);
    return fault == POINT_OK ? NULL : point_fault_text(fault);
}
