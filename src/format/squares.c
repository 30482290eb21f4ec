#include "format/squares.h"

#include <string.h>

#define HEAD_BYTES (sizeof SQUARES_HEAD - 1)

static bool count(const uint8_t *bytes, size_t n, size_t *ret, CvkErr *err) {
    if (n < HEAD_BYTES || memcmp(bytes, SQUARES_HEAD, HEAD_BYTES) != 0)
        return cvk_fail(err, CVK_EBADREQ, "batch.squares", "it does not begin as a batch does");
    *ret = (n - HEAD_BYTES) / FR_BYTES;
    return (*ret > 0 && *ret <= SQUARES_LANES && n == HEAD_BYTES + *ret * FR_BYTES) ||
           cvk_fail(err, CVK_EBADREQ, "batch.squares", "a batch has 1 to %d numbers of %d bytes",
                    SQUARES_LANES, FR_BYTES);
}

bool squares_read(const Curve *c, const uint8_t *bytes, size_t n, Fr ret[SQUARES_LANES],
                  size_t *ret_n, CvkErr *err) {
    size_t values = 0;
    if (!count(bytes, n, &values, err))
        return false;
    for (size_t i = 0; i < SQUARES_LANES; i++) {
        if (i >= values)
            ret[i] = fr_from_uint(c, 0);
        else if (!fr_from_be(c, bytes + HEAD_BYTES + i * FR_BYTES, &ret[i]))
            return cvk_fail(err, CVK_EBADREQ, "batch.squares",
                            "number %zu is not below the order of the groups of %s", i,
                            curve_name(c));
    }
    *ret_n = values;
    return true;
}
