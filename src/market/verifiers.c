#include "market/verifiers.h"

#include <string.h>

#define VERIFIERS_N 5

static const Verifier *const verifiers[VERIFIERS_N] = {&VERIFIER_GROTH16, &VERIFIER_KZG_OPENING,
                                                       &VERIFIER_PLONK_ZKSYNC_ERA, &VERIFIER_SHA256,
                                                       &VERIFIER_ACCEPT_ALL};

const Verifier *verifier_at(size_t i) {
    return i < VERIFIERS_N ? verifiers[i] : NULL;
}

const Verifier *verifier_find(const char *name) {
    for (size_t i = 0; i < VERIFIERS_N; i++)
        if (strcmp(verifiers[i]->name, name) == 0)
            return verifiers[i];
    return NULL;
}
