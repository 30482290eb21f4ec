#include "base/sha256.h"

#include "base/alloc.h"

#include <assert.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

struct CvkSha256 {
    EVP_MD_CTX *ctx;
};

CvkSha256 *cvk_sha256_new(CvkErr *err) {
    CvkSha256 *h = cvk_alloc(1, sizeof *h, err);
    if (h == NULL)
        return NULL;
    h->ctx = EVP_MD_CTX_new();
    if (h->ctx == NULL || EVP_DigestInit_ex(h->ctx, EVP_sha256(), NULL) != 1) {
        cvk_fail(err, CVK_EINTERNAL, "memory.short", "cannot start SHA-256");
        return cvk_sha256_free(h);
    }
    return h;
}

void cvk_sha256_add(CvkSha256 *h, const void *data, size_t n) {
    int ok = EVP_DigestUpdate(h->ctx, data, n);
    assert(ok == 1);
    (void)ok;
}

void cvk_sha256_finish(CvkSha256 *h, uint8_t ret[SHA256_BYTES]) {
    int ok = EVP_DigestFinal_ex(h->ctx, ret, NULL);
    assert(ok == 1);
    (void)ok;
}

CvkSha256 *cvk_sha256_free(CvkSha256 *h) {
    if (h != NULL)
        EVP_MD_CTX_free(h->ctx);
    free(h);
    return NULL;
}

void cvk_sha256(const void *data, size_t n, uint8_t ret[SHA256_BYTES]) {
    int ok = EVP_Digest(data, n, ret, NULL, EVP_sha256(), NULL);
    assert(ok == 1);
    (void)ok;
}

void cvk_sha256_tagged(uint8_t tag, const void *data, size_t n, uint8_t ret[SHA256_BYTES]) {
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    int ok = ctx != NULL && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) == 1 &&
             EVP_DigestUpdate(ctx, &tag, 1) == 1 && EVP_DigestUpdate(ctx, data, n) == 1 &&
             EVP_DigestFinal_ex(ctx, ret, NULL) == 1;
    assert(ok);
    (void)ok;
    EVP_MD_CTX_free(ctx);
}

void cvk_hmac_sha256(const uint8_t key[32], const void *data, size_t n, uint8_t ret[SHA256_BYTES]) {
    unsigned len = 0;
    unsigned char *out = HMAC(EVP_sha256(), key, 32, data, n, ret, &len);
    assert(out != NULL && len == SHA256_BYTES);
    (void)out;
}
