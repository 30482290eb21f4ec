#include "algebra/bn254_split.h"

#include "algebra/bn254_constants.h"

#include "base/secret.h"

const Bn254Lattice bn254_g1_lattice = {
    .parts = BN254_G1_PARTS,
    .shares = bn254_g1_shares,
    .rows = bn254_g1_rows,
    .odd_rows = bn254_g1_odd_rows,
    .odd_shift = bn254_g1_odd_shift,
};

const Bn254Lattice bn254_g2_lattice = {
    .parts = BN254_G2_PARTS,
    .shares = bn254_g2_shares,
    .rows = bn254_g2_rows,
    .odd_rows = bn254_g2_odd_rows,
    .odd_shift = bn254_g2_odd_shift,
};

static Word2 word2_of(const uint64_t words[2]) {
    return (Word2)words[1] << 64 | words[0];
}

/* a * b / 2^256 modulo 2^128: whole, and whether what it leaves is a half or more. */
typedef struct {
    Word2 whole;
    unsigned half;
} Share;

static Share share_of(const uint64_t a[4], const uint64_t b[4]) {
    uint64_t w[8] = {0};
    for (size_t i = 0; i < 4; i++) {
        uint64_t carry = 0;
        for (size_t k = 0; k < 4; k++) {
            Word2 t = (Word2)a[i] * b[k] + w[i + k] + carry;
            w[i + k] = (uint64_t)t;
            carry = (uint64_t)(t >> 64);
        }
        w[i + 4] = carry;
    }
    return (Share){(Word2)w[5] << 64 | w[4], (unsigned)(w[3] >> 63)};
}

/* The nearest odd number, or even one: parity is 1 or 0, and secret. */
static Word2 nearest_of_parity(Word2 whole, unsigned parity) {
    Word2 even = (whole + 1) & ~(Word2)1, odd = whole | 1;
    return even ^ ((even ^ odd) & (0 - (Word2)parity));
}

void bn254_split(const Bn254Lattice *l, const Fr *k, bool odd, ScalarPart *ret_parts) {
    uint64_t plain[4];
    Word2 parts[SPLIT_PARTS_MAX] = {0};
    mont4_plain(&bn254_r, plain, k->w);
    parts[0] = word2_of(plain);
    unsigned odd_of_even = l->odd_rows[0], odd_of_odd = l->odd_rows[1];
    unsigned odd_rows =
        odd_of_even ^ ((odd_of_even ^ odd_of_odd) & (0U - (unsigned)(plain[0] & 1)));
    for (size_t i = 0; i < l->parts; i++) {
        Share share = share_of(plain, l->shares[i]);
        Word2 times =
            odd ? nearest_of_parity(share.whole, odd_rows >> i & 1) : share.whole + share.half;
        for (size_t j = 0; j < l->parts; j++)
            parts[j] -= times * word2_of(l->rows[i * l->parts + j]);
    }
    for (size_t j = 0; j < l->parts; j++) {
        if (odd)
            parts[j] += word2_of(l->odd_shift[j]);
        Word2 negative = 0 - (parts[j] >> 127);
        ret_parts[j].size = (parts[j] ^ negative) - negative;
        ret_parts[j].negative = (negative & 1) != 0;
    }
    cvk_wipe(plain, sizeof plain);
    cvk_wipe(parts, sizeof parts);
}
