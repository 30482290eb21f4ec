#include "cli/beacon.h"

#include "base/hex.h"
#include "cli/say.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static bool parse_hex(const char *hex, ContributionParams *ret, CvkErr *err) {
    char digits[2 * sizeof ret->beacon_hash + 1];
    hex += strncmp(hex, "0x", 2) == 0 ? 2 : 0;
    const size_t n = strlen(hex);
    if (n == 0 || n % 2 != 0 || n >= sizeof digits)
        return cvk_fail(err, CVK_EBADREQ, "usage.beacon", "a beacon is 1 to %zu bytes in hex",
                        sizeof ret->beacon_hash);
    for (size_t i = 0; i < n; i++)
        digits[i] = (char)tolower((unsigned char)hex[i]);
    if (!cvk_hex_decode(digits, n / 2, ret->beacon_hash))
        return cvk_fail(err, CVK_EBADREQ, "usage.beacon", "'%.80s' is not hex", hex);
    ret->beacon_hash_n = (uint8_t)(n / 2);
    return true;
}

bool beacon_parse(const char *hex, const char *exponent, ContributionParams *ret, CvkErr *err) {
    char *end;
    const unsigned long e = strtoul(exponent, &end, 10);
    if (!isdigit((unsigned char)*exponent) || *end != '\0' || e < BEACON_EXP_MIN ||
        e > BEACON_EXP_MAX)
        return cvk_fail(err, CVK_EBADREQ, "usage.exponent",
                        "the beacon is hashed 2^EXPONENT times, from %d to %d, not '%.40s'",
                        BEACON_EXP_MIN, BEACON_EXP_MAX, exponent);
    if (!parse_hex(hex, ret, err))
        return false;
    ret->beacon = ret->has_beacon_hash = ret->has_iterations = true;
    ret->iterations_exp = (uint8_t)e;
    return true;
}

unsigned beacon_exp_max(const Args *args) {
    return args_flag(args, "slow-beacons") ? BEACON_EXP_MAX : BEACON_EXP_QUICK;
}

void say_beacon(const ContributionParams *p) {
    char hex[2 * sizeof p->beacon_hash + 1];
    if (!p->beacon)
        return;
    cvk_hex_encode(p->beacon_hash, p->beacon_hash_n, hex);
    say_result("Beacon generator: %s", hex);
    say_result("Beacon iterations Exp: %u", p->iterations_exp);
}
