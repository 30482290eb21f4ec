/* Shared by the files of bn254's back end, and by no others. Plain C; see docs/ALGEBRA.md. */
#pragma once

#include "algebra/backend.h"
#include "algebra/bn254_fq.h"
#include "algebra/bn254_split.h"

#include <assert.h>

static_assert(sizeof(Fr) == sizeof(Fq), "both fields have four words");

extern const Curve bn254;
extern const Group bn254_g1, bn254_g2;
