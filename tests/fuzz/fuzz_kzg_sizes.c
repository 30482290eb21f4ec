#include "fuzz/fuzz.h"
#include "setup/kzg_wire.h"

/* Accepted sizes are valid, and the same again when written and read. */
void fuzz_one(const uint8_t *data, size_t n) {
    char text[512], again[KZG_SIZES_TEXT];
    size_t kept = n < sizeof text ? n : sizeof text - 1;
    KzgSizes sizes, back;
    CvkErr err;
    if (kept != 0)
        memcpy(text, data, kept);
    text[kept] = '\0';
    if (!kzg_sizes_parse(text, &sizes, &err))
        return;
    assert(kzg_sizes_check(&sizes, &err));
    kzg_sizes_format(&sizes, again);
    bool ok = kzg_sizes_parse(again, &back, &err);
    assert(ok && kzg_sizes_equal(&sizes, &back));
}
