#include "setup/phase1_new.h"

#include <string.h>

#define PIECE_POINTS 512

bool phase1_new_write(const Curve *c, Phase1Vector which, unsigned power, PointForm form,
                      const CvkSink *to, CvkMeter *meter, CvkErr *err) {
    uint8_t piece[PIECE_POINTS * FORM_BYTES_MAX];
    const Group *g = phase1_vector_group(c, which);
    size_t each = form_bytes(g, form);
    Element generator = element_generator(g);
    element_write(&generator, form, piece);
    for (size_t i = 1; i < PIECE_POINTS; i++)
        memcpy(piece + i * each, piece, each);
    uint64_t left = phase1_vector_n(which, power);
    while (left != 0) {
        size_t n = left < PIECE_POINTS ? (size_t)left : PIECE_POINTS;
        if (!cvk_sink_write(to, piece, n * each, err))
            return false;
        cvk_meter_advance(meter, n);
        left -= n;
    }
    return true;
}
