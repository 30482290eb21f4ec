/* A beacon as people give and see it: the number that nobody knew beforehand, in hex, and the
 * exponent of how often it is hashed. Threads: none. */
#pragma once

#include "cli/options.h"
#include "setup/contribution_params.h"

#define OPTION_SLOW_BEACONS                                                                        \
    {                                                                                              \
        "slow-beacons", NULL, NULL,                                                                \
            "Check beacons of more than 2^24 hashes together, too: that takes seconds to weeks."   \
    }

/* `hex`: 1 to 255 bytes, with or without 0x; `exponent`: BEACON_EXP_MIN to BEACON_EXP_MAX. False:
 * "usage.beacon", "usage.exponent". The name is left as it is. */
bool beacon_parse(const char *hex, const char *exponent, ContributionParams *ret,
                  CvkErr *err) MUST_USE;

/* The highest exponent to check, of a command with OPTION_SLOW_BEACONS. */
unsigned beacon_exp_max(const Args *args);

/* Its two lines on standard output, if it is one. */
void say_beacon(const ContributionParams *p);
