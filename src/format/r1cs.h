/* A circuit's constraints as circom writes them (.r1cs), both ways.
 *
 * INVARIANT. An R1cs that is open has been read once as a whole: counts fit sizes, every wire
 * exists, every value is below the prime, nothing is left over. Labels (section 3) name wires for
 * people and are only counted. Errors name file, section and offset. Threads: immutable. */
#pragma once

#include "format/sections.h"
#include "setup/circuit.h"

typedef struct {
    uint32_t wires, outputs, public_inputs, private_inputs, constraints;
    uint64_t labels;
    uint64_t terms[CIRCUIT_MATRICES]; /* counted */
} R1csCounts;

typedef struct R1cs R1cs;

/* Custom gates are refused ("r1cs.custom_gates"): Groth16 has none, and a key without them would
 * prove less than the circuit says. */
bool r1cs_open(const char *path, R1cs **ret, CvkErr *err) MUST_USE;
bool r1cs_memory(const void *data, size_t n, const char *name, R1cs **ret, CvkErr *err) MUST_USE;
R1cs *r1cs_close(R1cs *r); /* NULL is fine; returns NULL */

/* Both live as long as r. */
const Circuit *r1cs_circuit(const R1cs *r);
const R1csCounts *r1cs_counts(const R1cs *r);

/* Public signals are written as public inputs, and wires are their own labels. The file appears
 * when it is complete. */
bool r1cs_write(const char *path, const Circuit *c, CvkErr *err) MUST_USE;
