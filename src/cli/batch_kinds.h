/* The kinds of batches that there are: a file each. */
#pragma once

#include "cli/batch_kind.h"

/* Random polynomials, whose opening (setup/kzg_opening.h) at a point that follows from the batch is
 * the proof. A setup is the result of a KZG ceremony; numbers are coefficients. */
extern const BatchKind BATCH_KZG_OPENING;

/* Up to eight values (format/squares.h), and what comes of squaring each so and so often
 * (setup/squarings.h), proved with Groth16. A setup is a key of that circuit, a .zkey. */
extern const BatchKind BATCH_GROTH16;
