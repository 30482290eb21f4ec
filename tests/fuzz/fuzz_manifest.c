#include "format/manifest.h"
#include "fuzz/fuzz.h"

/* What is accepted was signed by the server that it names, and is within its limits. */
void fuzz_one(const uint8_t *data, size_t n) {
    Manifest m;
    CvkErr err = {0};
    bool ok = manifest_read(n == 0 ? "" : (const char *)data, n, &m, &err);
    assert(ok == (err.id == NULL));
    if (!ok)
        return;
    assert(m.n_files <= MANIFEST_FILES_MAX);
    assert(strlen(m.server) == ETH_ADDRESS_TEXT - 1);
    for (size_t i = 0; i < m.n_files; i++)
        assert(m.files[i].name[0] != '\0' && m.files[i].name[0] != '.');
}
