#include "fuzz/fuzz_challenge.h"

void fuzz_one(const uint8_t *data, size_t n) {
    fuzz_kind(data, n, FILE_CHALLENGE);
}
