#include "setup/phase1_new.h"

#include "base/hex.h"

#include <assert.h>
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

/* ---- the hash ---- */

#define UNIT_BYTES 4096 /* are hashed in about the time of a multiplication */

typedef struct {
    CvkBlake2b hash;
    CvkMeter *meter;
    size_t rest; /* bytes that are no whole unit yet */
} Hashing;

static bool hash_piece(void *ctx, const void *data, size_t n, CvkErr *err) {
    Hashing *h = ctx;
    (void)err;
    cvk_blake2b_add(&h->hash, data, n);
    h->rest += n;
    cvk_meter_advance(h->meter, h->rest / UNIT_BYTES);
    h->rest %= UNIT_BYTES;
    return true;
}

/* Of the perpetual powers of tau: everybody has small files that were truncated from it, for which
 * nobody should have to hash 100 GB. */
static const struct {
    unsigned power;
    const char *hash;
} perpetual = {28, "93da91920d5a54a8a0fde55cd9dc3a10c4f3eef768b62c0948741370864254b4"
                   "c1920f3f29d4ebc0ef3acecf2e2db63a755713d77e1ed77347a56fbc317c7a93"};

static bool is_perpetual(const Curve *c, unsigned power) {
    return c == curve_bn254() && power == perpetual.power;
}

void phase1_first_challenge(const Curve *c, unsigned power, CvkMeter *meter,
                            uint8_t ret[BLAKE2B_BYTES]) {
    if (is_perpetual(c, power)) {
        bool decoded = cvk_hex_decode(perpetual.hash, BLAKE2B_BYTES, ret);
        assert(decoded);
        (void)decoded;
        return;
    }
    uint8_t blank[BLAKE2B_BYTES];
    Hashing h = {.meter = meter};
    const CvkSink to = {.write = hash_piece, .ctx = &h};
    cvk_blake2b(NULL, 0, blank);
    cvk_blake2b_init(&h.hash);
    cvk_blake2b_add(&h.hash, blank, sizeof blank);
    for (Phase1Vector v = 0; v < PHASE1_VECTORS; v++) {
        bool hashed = phase1_new_write(c, v, power, FORM_UNCOMPRESSED, &to, NULL, NULL);
        assert(hashed); /* hashing cannot fail */
        (void)hashed;
    }
    cvk_blake2b_finish(&h.hash, ret);
}

size_t phase1_first_challenge_units(const Curve *c, unsigned power) {
    uint64_t n = 0;
    if (is_perpetual(c, power))
        return 0;
    for (Phase1Vector v = 0; v < PHASE1_VECTORS; v++)
        n += phase1_vector_n(v, power) * form_bytes(phase1_vector_group(c, v), FORM_UNCOMPRESSED);
    return (size_t)(n / UNIT_BYTES);
}
