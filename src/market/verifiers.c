#include "market/verifiers.h"

#include <string.h>

static const Verifier *const verifiers[] = {&VERIFIER_GROTH16,          &VERIFIER_KZG_OPENING,
                                            &VERIFIER_PLONK_ZKSYNC_ERA, &VERIFIER_SHA256,
                                            &VERIFIER_ACCEPT_ALL,       NULL};

const Verifier *verifier_at(size_t i) {
    for (size_t k = 0; k < i; k++)
        if (verifiers[k] == NULL)
            return NULL;
    return verifiers[i];
}

const Verifier *verifier_find(const char *name) {
    for (size_t i = 0; verifiers[i] != NULL; i++)
        if (strcmp(verifiers[i]->name, name) == 0)
            return verifiers[i];
    return NULL;
}
