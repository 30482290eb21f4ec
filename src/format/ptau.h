/* Powers of tau as snarkjs keeps them (.ptau), both ways.
 *
 * INVARIANT. A Ptau that is open has been checked in everything but the points of its vectors,
 * which vector_read checks when they are read: curve and powers, sizes that follow from them, every
 * contribution with its points, parameters and hash state. Errors name file, section and offset.
 * Threads: an open Ptau is immutable. */
#pragma once

#include "format/sections.h"
#include "setup/phase1.h"

typedef enum {
    PTAU_HEADER = 1, /* bytes of the prime, the prime, power, power of the ceremony */
    PTAU_TAU_G1,
    PTAU_TAU_G2,
    PTAU_ALPHA_G1,
    PTAU_BETA_G1,
    PTAU_BETA_G2,
    PTAU_CONTRIBUTIONS,    /* a count, the contributions */
    PTAU_LAGRANGE_G1 = 12, /* the Lagrange bases of sections 2 to 5, level by level */
    PTAU_LAGRANGE_G2,
    PTAU_LAGRANGE_ALPHA_G1,
    PTAU_LAGRANGE_BETA_G1,
    PTAU_SECTIONS_END
} PtauSection;

extern const SectionKind ptau_kind;

/* How many sections snarkjs writes. */
#define PTAU_SECTIONS 7
#define PTAU_SECTIONS_PREPARED 11

typedef enum {
    PTAU_UNPREPARED,
    PTAU_PREPARED_SHORT, /* by an old snarkjs: section 12 ends with level `power`, not power + 1 */
    PTAU_PREPARED,
} PtauPrepared;

typedef struct Ptau Ptau;

bool ptau_open(const char *path, Ptau **ret, CvkErr *err) MUST_USE;
bool ptau_memory(const void *data, size_t n, const char *name, Ptau **ret, CvkErr *err) MUST_USE;
Ptau *ptau_close(Ptau *p); /* NULL is fine; returns NULL */

/* These live as long as p. */
const SectionFile *ptau_file(const Ptau *p);
const Phase1State *ptau_state(const Ptau *p);
const Phase1Contribution *ptau_contributions(const Ptau *p, size_t *ret_n);
PtauPrepared ptau_prepared(const Ptau *p);

/* The Lagrange basis of the domain of 2^level points: [L_i(tau)]1, [L_i(tau)]2, [alpha L_i(tau)]1
 * or [beta L_i(tau)]1 as `which` is tauG1, tauG2, alphaG1 or betaG1. False ("ptau.prepared",
 * "ptau.power"): the file has no such level; the message says what to do. */
bool ptau_lagrange(const Ptau *p, Phase1Vector which, unsigned level, Vector *ret,
                   CvkErr *err) MUST_USE;

/* ---- sizes ---- */

PtauSection ptau_vector_section(Phase1Vector which);
PtauSection ptau_lagrange_section(Phase1Vector which); /* not of betaG2 */
/* Bytes of a Lagrange section whose last level is `top`. */
uint64_t ptau_lagrange_bytes(const Curve *c, Phase1Vector which, unsigned top);
/* A vector of a state of this power whose points lie in `bytes`, which are as many as it takes. */
Vector ptau_vector(const Curve *c, Phase1Vector which, unsigned power, CvkSource bytes);

/* ---- writing ---- */

/* Opens the file and writes its header; the caller goes on with sections 2 to 6, the contributions,
 * and if `prepared` 12 to 15: section_writer_*. The state's vectors are not looked at. */
bool ptau_writer_open(const char *path, const Phase1State *s, bool prepared, SectionWriter **ret,
                      CvkErr *err) MUST_USE;
/* Section 7: the contributions of `before` (may be NULL) as they lie there, then `added` (may be
 * NULL). */
bool ptau_write_contributions(SectionWriter *w, const Ptau *before, const Phase1Contribution *added,
                              CvkErr *err) MUST_USE;
