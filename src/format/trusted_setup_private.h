/* The two readers behind trusted_setup_read. */
#pragma once

#include "codec/json_source.h"
#include "setup/kzg_lagrange.h"

bool trusted_setup_read_json(JsonSource source, size_t max, TrustedSetupWire **ret,
                             CvkErr *err) MUST_USE;
bool trusted_setup_read_text(JsonSource source, size_t max, TrustedSetupWire **ret,
                             CvkErr *err) MUST_USE;
