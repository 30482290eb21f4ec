/* What a contribution to a .ptau or .zkey says of itself beside the mathematics: nobody signs it.
 * The bytes (type, length, TLV with rising ids) are in format/contribution_params.h. */
#pragma once

#include "algebra/draw.h"

#include <stdint.h>

typedef struct {
    bool beacon; /* type 1: derived from `beacon_hash`, by 2^iterations_exp times SHA-256 */
    bool has_name, has_iterations, has_beacon_hash;
    uint8_t name_n, beacon_hash_n;
    uint8_t iterations_exp;
    char name[256]; /* UTF-8 as far as anybody knows; name_n bytes and a zero byte */
    uint8_t beacon_hash[255];
} ContributionParams;

#define BEACON_EXP_MIN 10
#define BEACON_EXP_MAX 63
/* Verifying more than this many iterations takes minutes: asked for on purpose only. */
#define BEACON_EXP_QUICK 24

/* May this beacon, of contribution `number`, be checked when `*spent` hashes were already made for
 * others of the file, and all together may take 2^exp_max? If so, adds its own; else "beacon.slow".
 * (Together: who writes a file may put as many beacons into it as there may be contributions, and
 * make all of them with the hashes of one.) */
bool beacon_is_quick(const ContributionParams *p, size_t number, unsigned exp_max, uint64_t *spent,
                     CvkErr *err) MUST_USE;

/* beacon_hash hashed 2^exp times with SHA-256; 1 to 255 bytes, exp in its range
 * ("beacon.size", "beacon.iterations"). */
bool beacon_draw(const ContributionParams *p, Draw *ret, CvkErr *err) MUST_USE;

/* A contributor's own randomness: BLAKE2b-512(64 bytes of the system's || what a person typed),
 * which can only add. Wipe it. */
void entropy_draw(const void *typed, size_t n, Draw *ret);
