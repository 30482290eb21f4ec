/* Small things that all of phase 1 needs to go through vectors in blocks. */
#include "setup/phase1_private.h"

#include <assert.h>

uint64_t phase1_label(Phase1Use use, uint64_t part, uint64_t block) {
    assert(part < (1u << 16) && block < ((uint64_t)1 << 32));
    return (uint64_t)use << 48 | part << 32 | block;
}

bool phase1_emit(const Points *p, size_t n, PointForm form, CvkPool *pool, const CvkSink *to,
                 CvkErr *err) {
    size_t each = form_bytes(points_group(p), form);
    _cleanup_free_ uint8_t *bytes = cvk_alloc(n, each, err);
    if (bytes == NULL)
        return false;
    points_write(p, 0, n, form, pool, bytes);
    return cvk_sink_write(to, bytes, n * each, err);
}

bool phase1_read_good(const Vector *v, uint64_t from, size_t n, const Work *w, Points **ret,
                      CvkErr *err) {
    return vector_read_good(v, from, n, w, phase1_label(PHASE1_USE_READ, 0, 0), ret, NULL, err);
}
