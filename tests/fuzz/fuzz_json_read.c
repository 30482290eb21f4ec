#include "fuzz/fuzz.h"
#include "support/json_oracle.h"

#include <stdio.h>

/* The first byte says in what pieces the rest arrives; jansson judges. */
void fuzz_one(const uint8_t *data, size_t n) {
    if (n == 0)
        return;
    JsonJudgement j = json_oracle((const char *)data + 1, n - 1, data[0] + (size_t)1);
    if (j.complaint != NULL)
        fprintf(stderr, "%s\n", j.complaint);
    assert(j.complaint == NULL);
}
