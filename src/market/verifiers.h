/* The built-in verifiers; verifiers.c lists them. Threads: immutable. */
#pragma once

#include "market/verifier.h"

extern const Verifier VERIFIER_GROTH16, VERIFIER_KZG_OPENING, VERIFIER_PLONK_ZKSYNC_ERA;
extern const Verifier VERIFIER_SHA256, VERIFIER_ACCEPT_ALL;
