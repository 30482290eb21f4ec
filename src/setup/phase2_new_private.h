/* Shared by the files that make an initial key, and by nobody else. */
#pragma once

#include "base/alloc.h"
#include "setup/phase2_new.h"

DEFINE_CLEANUP(Points, points_free)

typedef enum { SUM_A, SUM_B1, SUM_B2, SUM_K, SUMS } Sum;

struct Phase2New {
    Circuit circuit;
    Phase2Powers powers;
    Work work;
    Phase2Key key;
    Points *sums[SUMS]; /* n_vars each */
    uint32_t coefficients_n;
};

/* The rows of A, B and C: the constraints, and for each public signal s one more with a single term
 * 1 * s in A, so that nobody can shift values between public signals. */
typedef struct {
    CircuitPlace place;
    bool constraints_done;
    uint32_t public_rows;
} RowPlace;

/* As Circuit.read. */
bool phase2_rows_read(const Circuit *c, RowPlace *place, CircuitTerm *ret, size_t n, size_t *ret_n,
                      CvkErr *err) MUST_USE;
uint64_t phase2_rows_n(const Circuit *c);

/* Fills sums and coefficients_n. */
bool phase2_sum_terms(Phase2New *n, Verdict *verdict, CvkErr *err) MUST_USE;

/* csHash of the key whose header and sums are there. */
bool phase2_circuit_hash(const Phase2New *n, uint8_t ret[BLAKE2B_BYTES], Verdict *verdict,
                         CvkErr *err) MUST_USE;

/* Labels of random factors. */
enum { LABEL_SUMS = 1, LABEL_HASH, LABEL_H };

static inline void phase2_advance(const Phase2New *n, size_t units) {
    if (n->work.meter != NULL)
        cvk_meter_advance(n->work.meter, units);
}
