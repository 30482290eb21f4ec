#include "format/identity.h"
#include "fuzz/fuzz.h"
#include "setup/kzg_identity.h"

/* Whoever is accepted has one written form, which may stand in a transcript. */
void fuzz_one(const uint8_t *data, size_t n) {
    char text[2 * LIMIT_IDENTITY];
    size_t kept = n < sizeof text ? n : sizeof text - 1;
    if (kept != 0)
        memcpy(text, data, kept);
    text[kept] = '\0';
    Identity id, again;
    if (!identity_parse(text, &id, NULL))
        return;
    bool ok = identity_parse(id.text, &again, NULL);
    assert(ok && strcmp(id.text, again.text) == 0 && strcmp(id.key, again.key) == 0);
    assert(id.kind == IDENTITY_NOBODY || kzg_identity_is_valid(id.text));
    assert(strncmp(id.text, id.key, strlen(id.key)) == 0);
}
