#include "fuzz/fuzz.h"
#include "run/preset.h"

/* An accepted definition is written and read as the same one. */
void fuzz_one(const uint8_t *data, size_t n) {
    char *text = malloc(n + 1);
    assert(text != NULL);
    if (n != 0)
        memcpy(text, data, n);
    text[n] = '\0';
    Definition d, again;
    CvkErr err;
    if (definition_read(text, &d, &err)) {
        char *first = definition_write(&d, &err);
        assert(first != NULL);
        bool ok = definition_read(first, &again, &err);
        assert(ok);
        char *second = definition_write(&again, &err);
        assert(second != NULL && strcmp(first, second) == 0);
        free(first);
        free(second);
    }
    free(text);
}
