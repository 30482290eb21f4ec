#include "format/batch_manifest.h"
#include "fuzz/fuzz.h"

static bool count(void *ctx, const char *name, const char *text, bool is_number, CvkErr *err) {
    size_t *n = ctx;
    (void)err;
    assert(name[0] != '\0' && strlen(name) <= COVARIATE_NAME_MAX);
    assert(!is_number || (text[0] != '\0' && strspn(text, "0123456789+-.eE") == strlen(text)));
    return ++*n <= LIMIT_MARKET_COVARIATES;
}

static void same(const CvkBuf *a, const CvkBuf *b) {
    assert(a->n == b->n && (a->n == 0 || memcmp(a->data, b->data, a->n) == 0));
}

/* What was accepted keeps its limits, and its parts are read again to the same bytes. */
void fuzz_one(const uint8_t *data, size_t n) {
    JsonMemory memory = {.data = (const char *)data, .n = n};
    BatchManifest m, again;
    size_t covariates = 0;
    if (!batch_manifest_read(json_from_memory(&memory), &m, NULL))
        return;
    assert(m.covariates.n == 0 || covariates_each(m.covariates.data, count, &covariates, NULL));
    CvkBuf text = CVK_BUF(4 * LIMIT_MARKET_MANIFEST);
    assert(cvk_buf_add_fmt(&text, NULL, "{\"params\":%s,\"expect\":%s,\"covariates\":%s}",
                           m.params.n > 0 ? m.params.data : "{}",
                           m.expect.n > 0 ? m.expect.data : "null",
                           m.covariates.n > 0 ? m.covariates.data : "{}"));
    JsonMemory copy = {.data = text.data, .n = text.n};
    if (text.n <= LIMIT_MARKET_MANIFEST) {
        assert(batch_manifest_read(json_from_memory(&copy), &again, NULL));
        if (m.params.n > 0)
            same(&m.params, &again.params);
        if (m.expect.n > 0)
            same(&m.expect, &again.expect);
        if (m.covariates.n > 0)
            same(&m.covariates, &again.covariates);
        batch_manifest_done(&again);
    }
    cvk_buf_done(&text);
    batch_manifest_done(&m);
}
