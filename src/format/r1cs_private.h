/* What the reader and the writer of .r1cs share. */
#pragma once

#include "format/r1cs.h"

enum {
    R1CS_HEADER = 1,
    R1CS_CONSTRAINTS,
    R1CS_LABELS,
    R1CS_GATES,
    R1CS_GATE_USES,
    R1CS_SECTIONS_END
};

extern const SectionKind r1cs_kind;

/* bytes of a value, the prime; wires, outputs, public inputs, private inputs; labels, 64 bits;
 * constraints */
#define R1CS_COUNTS_AT (4 + FR_BYTES)
#define R1CS_HEADER_BYTES (R1CS_COUNTS_AT + 4 * 4 + 8 + 4)
#define R1CS_TERM_BYTES (4 + FR_BYTES) /* a wire, a value */
#define R1CS_LABEL_BYTES 8
