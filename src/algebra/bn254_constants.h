/* Constants of bn254. Printed by tools/bn254_constants, which derives them: do not edit. */
#pragma once

#include "algebra/mont4.h"

/* clang-format off */

/* The fields of coordinates and of scalars. */
static const Mont4 bn254_q = {
    .n0 = 0x87d20782e4866389,
    .p = {0x3c208c16d87cfd47, 0x97816a916871ca8d, 0xb85045b68181585d, 0x30644e72e131a029},
    .one = {0xd35d438dc58f0d9d, 0x0a78eb28f5c70b3d, 0x666ea36f7879462c, 0x0e0a77c19a07df2f},
    .r2 = {0xf32cfc5b538afa89, 0xb5e71911d44501fb, 0x47ab1eff0a417ff6, 0x06d89f71cab8351f},
    .r3 = {0xb1cd6dafda1530df, 0x62f210e6a7283db6, 0xef7f0b0c0ada0afb, 0x20fd6e902d592544},
    .half = {0x9e10460b6c3e7ea3, 0xcbc0b548b438e546, 0xdc2822db40c0ac2e, 0x183227397098d014},
    .root = {0x4f082305b61f3f52, 0x65e05aa45a1c72a3, 0x6e14116da0605617, 0x0c19139cb84c680a},
};
static const Mont4 bn254_r = {
    .n0 = 0xc2e1f593efffffff,
    .p = {0x43e1f593f0000001, 0x2833e84879b97091, 0xb85045b68181585d, 0x30644e72e131a029},
    .one = {0xac96341c4ffffffb, 0x36fc76959f60cd29, 0x666ea36f7879462e, 0x0e0a77c19a07df2f},
    .r2 = {0x1bb8e645ae216da7, 0x53fe3ab1e35c59e3, 0x8c49833d53bb8085, 0x0216d0b17f4e44a5},
    .r3 = {0x5e94d8e1b4bf0040, 0x2a489cbe1cfbb6b8, 0x893cc664a19fcfed, 0x0cf8594b7fcc657c},
    .half = {0xa1f0fac9f8000000, 0x9419f4243cdcb848, 0xdc2822db40c0ac2e, 0x183227397098d014},
    .root = {0x0000000000000000, 0x0000000000000000, 0x0000000000000000, 0x0000000000000000},
};

/* The two primes, big endian. */
#define BN254_Q_BE \
    {0x30, 0x64, 0x4e, 0x72, 0xe1, 0x31, 0xa0, 0x29, \
     0xb8, 0x50, 0x45, 0xb6, 0x81, 0x81, 0x58, 0x5d, \
     0x97, 0x81, 0x6a, 0x91, 0x68, 0x71, 0xca, 0x8d, \
     0x3c, 0x20, 0x8c, 0x16, 0xd8, 0x7c, 0xfd, 0x47}
#define BN254_R_BE \
    {0x30, 0x64, 0x4e, 0x72, 0xe1, 0x31, 0xa0, 0x29, \
     0xb8, 0x50, 0x45, 0xb6, 0x81, 0x81, 0x58, 0x5d, \
     0x28, 0x33, 0xe8, 0x48, 0x79, 0xb9, 0x70, 0x91, \
     0x43, 0xe1, 0xf5, 0x93, 0xf0, 0x00, 0x00, 0x01}

/* y^2 = x^3 + b, 3b, and the generators: x, y, each c0 before c1. */
static const uint64_t bn254_g1_b[1][4] = {
    {0x7a17caa950ad28d7, 0x1f6ac17ae15521b9, 0x334bea4e696bd284, 0x2a1f6744ce179d8e},
};
static const uint64_t bn254_g1_b3[1][4] = {
    {0xf60647ce410d7ff7, 0x2f3d6f4dd31bd011, 0x2943337e3940c6d1, 0x1d9598e8a7e39857},
};
static const uint64_t bn254_g1_generator[2][4] = {
    {0xd35d438dc58f0d9d, 0x0a78eb28f5c70b3d, 0x666ea36f7879462c, 0x0e0a77c19a07df2f},
    {0xa6ba871b8b1e1b3a, 0x14f1d651eb8e167b, 0xccdd46def0f28c58, 0x1c14ef83340fbe5e},
};
static const uint64_t bn254_g2_b[2][4] = {
    {0x3bf938e377b802a8, 0x020b1b273633535d, 0x26b7edf049755260, 0x2514c6324384a86d},
    {0x38e7ecccd1dcff67, 0x65f0b37d93ce0d3e, 0xd749d0dd22ac00aa, 0x0141b9ce4a688d4d},
};
static const uint64_t bn254_g2_b3[2][4] = {
    {0x3baa927cb62e0d6a, 0xd71e7c52d1b664fd, 0x03873e63d95d4664, 0x0e75b5b1082ab8f4},
    {0xaab7c6667596fe35, 0x31d21a78bb6a27ba, 0x85dd7297680401ff, 0x03c52d6adf39a7e9},
};
static const uint64_t bn254_g2_generator[4][4] = {
    {0x8e83b5d102bc2026, 0xdceb1935497b0172, 0xfbb8264797811adf, 0x19573841af96503b},
    {0xafb4737da84c6140, 0x6043dd5a5802d8c4, 0x09e950fc52a02f86, 0x14fef0833aea7b6b},
    {0x619dfa9d886be9f6, 0xfe7fd297f59e9b78, 0xff9e1a62231b7dfe, 0x28fd7eebae9e4206},
    {0x64095b56c71856ee, 0xdc57f922327d3cbb, 0x55f935be33351076, 0x0da4a0e693fd6482},
};

/* Points of the twist, divided by r. */
static const uint64_t bn254_g2_cofactor[4] = {
    0x345f2299c0f9fa8d, 0x06ceecda572a2489, 0xb85045b68181585e, 0x30644e72e131a029
};

/* The curve's parameter. */
#define BN254_X 0x44e992b44a6909f1

/* psi^i(x, y) = (conj^i(x) psi_x[i], conj^i(y) psi_y[i]), i = 0 to 3; c0 and c1 of each. */
static const uint64_t bn254_psi_x[8][4] = {
    {0xd35d438dc58f0d9d, 0x0a78eb28f5c70b3d, 0x666ea36f7879462c, 0x0e0a77c19a07df2f},
    {0x0000000000000000, 0x0000000000000000, 0x0000000000000000, 0x0000000000000000},
    {0xb5773b104563ab30, 0x347f91c8a9aa6454, 0x7a007127242e0991, 0x1956bcd8118214ec},
    {0x6e849f1ea0aa4757, 0xaa1c7b6d89f89141, 0xb6e713cdfae0ca3a, 0x26694fbb4e82ebc3},
    {0x3350c88e13e80b9c, 0x7dce557cdb5e56b9, 0x6001b4b8b615564a, 0x2682e617020217e0},
    {0x0000000000000000, 0x0000000000000000, 0x0000000000000000, 0x0000000000000000},
    {0xc9af22f716ad6bad, 0xb311782a4aa662b2, 0x19eeaf64e248c7f4, 0x20273e77e3439f82},
    {0xacc02860f7ce93ac, 0x3933d5817ba76b4c, 0x69e6188b446c8467, 0x0a46036d4417cc55},
};
static const uint64_t bn254_psi_y[8][4] = {
    {0xd35d438dc58f0d9d, 0x0a78eb28f5c70b3d, 0x666ea36f7879462c, 0x0e0a77c19a07df2f},
    {0x0000000000000000, 0x0000000000000000, 0x0000000000000000, 0x0000000000000000},
    {0xe4bbdd0c2936b629, 0xbb30f162e133bacb, 0x31a9d1b6f9645366, 0x253570bea500f8dd},
    {0xa1d77ce45ffe77c7, 0x07affd117826d1db, 0x6d16bd27bb7edc6b, 0x2c87200285defecc},
    {0x68c3488912edefaa, 0x8d087f6872aabf4f, 0x51e1a24709081231, 0x2259d6b14729c0fa},
    {0x0000000000000000, 0x0000000000000000, 0x0000000000000000, 0x0000000000000000},
    {0x5764af0aaf46471e, 0xdc50792e873e0fc1, 0x86a673ff881d04f6, 0x0b2eddb43c30a74c},
    {0x9a490f32787e8580, 0x8fd16d7ff04af8b1, 0x4b39888ec6027bf2, 0x03dd2e705b52a15d},
};

/* (beta x, y) = lambda (x, y) in G1. */
static const uint64_t bn254_beta[1][4] = {
    {0x71930c11d782e155, 0xa6bb947cffbe3323, 0xaa303344d4741444, 0x2c3b3f0d26594943},
};

/* The splitting of scalars by lambda, and by psi's factor 6 x^2: see bn254_split.h. */
#define BN254_G1_PARTS 2
#define BN254_G1_PART_BITS 127
#define BN254_G1_ODD_PART_BITS 127
static const uint64_t bn254_g1_shares[2][4] = {
    {0x7a7bd9d4391eb18e, 0x4ccef014a773d2cf, 0x0000000000000002, 0x0000000000000000},
    {0xd91d232ec7e0b3d7, 0x0000000000000002, 0x0000000000000000, 0x0000000000000000},
};
static const uint64_t bn254_g1_rows[4][2] = {
    {0x0be4e1541221250b, 0x6f4d8248eeb859fd},
    {0x89d3256894d213e3, 0x0000000000000000},
    {0x89d3256894d213e3, 0x0000000000000000},
    {0x7dee441482b0eed8, 0x90b27db71147a603},
};
static const uint8_t bn254_g1_odd_rows[2] = {0x1, 0x3};
#define BN254_G2_PARTS 4
#define BN254_G2_PART_BITS 65
#define BN254_G2_ODD_PART_BITS 66
static const uint64_t bn254_g2_shares[4][4] = {
    {0x2dff291532e42728, 0x55b4ca7ba3e5577f, 0x9e80318ab0d92b95, 0x0000000000000000},
    {0x46f4bda995d51bb1, 0x08e5da66fc7184ae, 0x9e80318ab0d92b93, 0x0000000000000000},
    {0xd91d232ec7e0b3d7, 0x0000000000000002, 0x0000000000000000, 0x0000000000000000},
    {0xc170977dcef3cd3f, 0x55b4ca7ba3e5577d, 0x9e80318ab0d92b95, 0x0000000000000000},
};
static const uint64_t bn254_g2_rows[16][2] = {
    {0x89d3256894d213e3, 0x0000000000000000},
    {0x0000000000000000, 0x0000000000000000},
    {0x89d3256894d213e2, 0x0000000000000000},
    {0x0000000000000001, 0x0000000000000000},
    {0x89d3256894d213e2, 0x0000000000000000},
    {0x44e992b44a6909f2, 0x0000000000000000},
    {0xbb166d4bb596f60f, 0xffffffffffffffff},
    {0x44e992b44a6909f1, 0x0000000000000000},
    {0x44e992b44a6909f2, 0x0000000000000000},
    {0x44e992b44a6909f1, 0x0000000000000000},
    {0x44e992b44a6909f1, 0x0000000000000000},
    {0x762cda976b2dec1e, 0xffffffffffffffff},
    {0x89d3256894d213e3, 0x0000000000000000},
    {0xbb166d4bb596f60f, 0xffffffffffffffff},
    {0xbb166d4bb596f60e, 0xffffffffffffffff},
    {0xbb166d4bb596f60f, 0xffffffffffffffff},
};
static const uint8_t bn254_g2_odd_rows[2] = {0x5, 0xb};
