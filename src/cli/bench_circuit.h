/* A circuit made to measure with: a chain of squarings. */
#pragma once

#include "base/err.h"

#include <stdint.h>

/* Writes an .r1cs over bn254: `constraints` (at least 3) of them, three more wires, one output and
 * one public input. */
bool bench_circuit_write(const char *path, uint32_t constraints, CvkErr *err) MUST_USE;
