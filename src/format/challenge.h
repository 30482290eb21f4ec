/* Challenge and response files of powers of tau (challenge_nnnn, response_nnnn): what a contributor
 * without a .ptau file is given, and gives back.
 *
 *   challenge: hash of the last response | tauG1 tauG2 alphaTauG1 betaTauG1 betaG2, uncompressed
 *   response:  hash of the challenge | the same, compressed | public keys, uncompressed
 *
 * Nothing in them says what they are: no two powers, curves or kinds make files of the same size,
 * so the size tells.
 * INVARIANT. A ChallengeFile that is open has been checked in everything but the points of its
 * vectors, which vector_read checks when they are read. Threads: immutable. */
#pragma once

#include "base/source.h"
#include "setup/phase1.h"

typedef enum { FILE_CHALLENGE, FILE_RESPONSE } ChallengeKind;

const char *challenge_kind_name(ChallengeKind kind); /* "challenge" */
PointForm challenge_form(ChallengeKind kind);        /* of its vectors' points */
uint64_t challenge_bytes(ChallengeKind kind, const Curve *c, unsigned power);
/* What has this size. False: no challenge and no response. */
bool challenge_of_size(uint64_t bytes, ChallengeKind *ret_kind, const Curve **ret_curve,
                       unsigned *ret_power) MUST_USE;

typedef struct ChallengeFile ChallengeFile;

/* False with id "challenge.size" or "response.size": it has no size that one can have;
 * "response.point": a public key, with its offset in the file. */
bool challenge_open(const char *path, ChallengeKind kind, ChallengeFile **ret,
                    CvkErr *err) MUST_USE;
bool challenge_memory(const void *data, size_t n, const char *name, ChallengeKind kind,
                      ChallengeFile **ret, CvkErr *err) MUST_USE;
ChallengeFile *challenge_close(ChallengeFile *f); /* NULL is fine; returns NULL */

/* These live as long as f. */
const Phase1State *challenge_state(const ChallengeFile *f);
const uint8_t *challenge_hash(const ChallengeFile *f);        /* the 64 bytes it begins with */
const Phase1Pubkey *challenge_pubkey(const ChallengeFile *f); /* of a response */
CvkSource challenge_whole(const ChallengeFile *f);
