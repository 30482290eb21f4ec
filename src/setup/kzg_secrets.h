/* The scalars themselves, for the files of this layer that multiply by them. Everything else of
 * KzgSecrets stands in kzg_contribute.h. */
#pragma once

#include "algebra/curve.h"
#include "setup/kzg_contribute.h"

/* Secret i, in guarded memory; lives as long as `s`. */
const Fr *kzg_secrets_at(const KzgSecrets *s, size_t i);
