/* A small Groth16 key and the powers of tau it belongs to, from known secrets, in memory; and
 * contributions to it. Its vectors L and A have an infinite point, as keys have where a signal is
 * not used. */
#pragma once

#include "setup/phase1.h"
#include "setup/phase2.h"

#define WORLD_VARS 11
#define WORLD_PUBLIC 2
#define WORLD_POWER 4
#define WORLD_DOMAIN (1u << WORLD_POWER)
#define WORLD_COEFFICIENTS 92
#define WORLD_CONTRIBUTIONS 8
#define WORLD_UNUSED 3 /* of L: infinite */

/* A key that can be changed: everything it points to is its own. */
typedef struct {
    Phase2Key key;
    uint8_t *bytes[PHASE2_VECTORS];
    uint8_t coefficients[WORLD_COEFFICIENTS];
    Phase2Contribution list[WORLD_CONTRIBUTIONS];
} WorldKey;

typedef struct {
    Phase1State state;
    uint8_t *bytes[PHASE1_VECTORS];
    Vector basis; /* the last level of the Lagrange bases of tauG1 */
    uint8_t *basis_bytes;
} WorldPowers;

/* The caller frees both. `power` of the powers may be larger than the key's. */
WorldKey *world_key(const Curve *c);
WorldPowers *world_powers(const Curve *c, unsigned power);
Element world_power(const Curve *c, unsigned i); /* tau^i in G1 */
void world_key_free(WorldKey *k);
void world_powers_free(WorldPowers *p);

WorldKey *world_copy(const WorldKey *from);
/* `k` with one more contribution, drawn from `seed`; name may be NULL. */
WorldKey *world_contribute(const WorldKey *k, uint8_t seed, const char *name);
WorldKey *world_beacon(const WorldKey *k, uint8_t beacon);

/* Point i of a vector becomes `e`. */
void world_put(WorldKey *k, Phase2Vector which, size_t i, Element e);

/* The last term of H, which no prover meets (setup/phase2_powers.c): with w an n-th root of unity,
 * sum w^-j H_j / n. Adding T to it adds w^j T to each H_j. */
Element world_last_term(const WorldKey *k);
void world_add_last_term(WorldKey *k, const Element *t);

Work world_work(void);
