#include "cli/hash_source.h"

#include "cli/progress.h"

#define PIECE 65536

bool hash_source(const CvkSource *whole, bool quiet, uint8_t ret[BLAKE2B_BYTES], CvkErr *err) {
    CvkBlake2b b;
    uint8_t piece[PIECE];
    Progress bar = progress_start("hashing", true, quiet);
    CvkProgress progress = progress_to(&bar);
    cvk_blake2b_init(&b);
    bool ok = true;
    for (uint64_t at = 0; ok && at < whole->n; at += sizeof piece) {
        size_t n = whole->n - at < sizeof piece ? (size_t)(whole->n - at) : sizeof piece;
        ok = cvk_source_read(whole, at, piece, n, err);
        if (ok)
            cvk_blake2b_add(&b, piece, n);
        progress.fn(progress.ctx, (size_t)at, (size_t)whole->n);
    }
    progress_end(&bar);
    if (ok)
        cvk_blake2b_finish(&b, ret);
    return ok;
}
