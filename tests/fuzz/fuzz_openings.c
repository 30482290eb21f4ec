#include "format/openings.h"
#include "fuzz/fuzz.h"

/* What is read ascends, and each is found again. */
void fuzz_one(const uint8_t *data, size_t n) {
    JsonMemory m = {.data = (const char *)data, .n = n};
    Opening *all;
    size_t count;
    if (!openings_read(json_from_memory(&m), &all, &count, NULL))
        return;
    for (size_t i = 0; i < count; i++) {
        assert(strlen(all[i].identity) <= LIMIT_IDENTITY);
        assert(openings_find(all, count, all[i].participant) == &all[i]);
    }
    free(all);
}
