#include "setup/lowest_broken.h"

bool lowest_broken(RangeHoldsFn holds, void *ctx, size_t n, size_t *ret, CvkErr *err) {
    size_t from = 0;
    while (n > 1) {
        size_t half = n / 2;
        bool first_half_holds;
        if (!holds(ctx, from, half, &first_half_holds, err))
            return false;
        from += first_half_holds ? half : 0;
        n = first_half_holds ? n - half : half;
    }
    *ret = from;
    return true;
}
