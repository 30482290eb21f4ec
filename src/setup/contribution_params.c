#include "setup/contribution_params.h"

#include "base/blake2b.h"
#include "base/secret.h"
#include "base/sha256.h"

#include <assert.h>
#include <string.h>

#define SYSTEM_BYTES 64 /* of the system's randomness */

bool beacon_is_quick(const ContributionParams *p, size_t number, unsigned exp_max, uint64_t *spent,
                     CvkErr *err) {
    assert(exp_max <= BEACON_EXP_MAX);
    if (p->iterations_exp > BEACON_EXP_MAX)
        return true; /* beacon_draw refuses it at once */
    const uint64_t own = (uint64_t)1 << p->iterations_exp, most = (uint64_t)1 << exp_max;
    if (*spent > most || own > most - *spent)
        return cvk_fail(
            err, CVK_ELIMIT, "beacon.slow",
            "contribution %zu is a beacon of 2^%u hashes, with those before it more "
            "than the 2^%u that are made unasked: --slow-beacons checks it nevertheless",
            number, p->iterations_exp, exp_max);
    *spent += own;
    return true;
}

bool beacon_draw(const ContributionParams *p, Draw *ret, CvkErr *err) {
    if (!p->has_beacon_hash || p->beacon_hash_n == 0)
        return cvk_fail(err, CVK_EBADREQ, "beacon.size", "a beacon has from 1 to 255 bytes");
    if (!p->has_iterations || p->iterations_exp < BEACON_EXP_MIN ||
        p->iterations_exp > BEACON_EXP_MAX)
        return cvk_fail(err, CVK_EBADREQ, "beacon.iterations",
                        "a beacon is hashed 2^%d to 2^%d times: give the exponent", BEACON_EXP_MIN,
                        BEACON_EXP_MAX);
    uint8_t h[SHA256_BYTES];
    cvk_sha256(p->beacon_hash, p->beacon_hash_n, h);
    for (uint64_t left = ((uint64_t)1 << p->iterations_exp) - 1; left != 0; left--)
        cvk_sha256(h, sizeof h, h);
    *ret = draw_from(h);
    return true;
}

void entropy_draw(const void *typed, size_t n, Draw *ret) {
    uint8_t own[SYSTEM_BYTES], digest[BLAKE2B_BYTES];
    CvkBlake2b b;
    cvk_random(own, sizeof own);
    cvk_blake2b_init(&b);
    cvk_blake2b_add(&b, own, sizeof own);
    cvk_blake2b_add(&b, typed, n);
    cvk_blake2b_finish(&b, digest);
    *ret = draw_from(digest);
    cvk_wipe(own, sizeof own);
    cvk_wipe(&b, sizeof b);
    cvk_wipe(digest, sizeof digest);
    cvk_wipe_stack();
}
