/* OpenSSL's plain functions, for what is hashed whole: they need no memory and so cannot fail, and
 * EVP spends three times as long on looking the algorithm up as on hashing a journal's line. */
#define OPENSSL_SUPPRESS_DEPRECATED

#include "base/sha256.h"

#include "base/alloc.h"

#include <assert.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

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

static_assert(SHA256_BYTES == SHA256_DIGEST_LENGTH, "one SHA-256");

void cvk_sha256(const void *data, size_t n, uint8_t ret[SHA256_BYTES]) {
    SHA256_CTX ctx;
    SHA256_Init(&ctx);
    SHA256_Update(&ctx, data, n);
    SHA256_Final(ret, &ctx);
}

void cvk_sha256_tagged(uint8_t tag, const void *data, size_t n, uint8_t ret[SHA256_BYTES]) {
    SHA256_CTX ctx;
    SHA256_Init(&ctx);
    SHA256_Update(&ctx, &tag, 1);
    SHA256_Update(&ctx, data, n);
    SHA256_Final(ret, &ctx);
}

bool cvk_sha256_file(FILE *f, uint64_t *ret_size, uint8_t ret[SHA256_BYTES], CvkErr *err) {
    char piece[65536];
    CvkSha256 *h = cvk_sha256_new(err);
    if (h == NULL)
        return false;
    *ret_size = 0;
    for (size_t n; (n = fread(piece, 1, sizeof piece, f)) != 0; *ret_size += n)
        cvk_sha256_add(h, piece, n);
    cvk_sha256_finish(h, ret);
    cvk_sha256_free(h);
    return !ferror(f) || cvk_fail_errno(err, "file.read", "cannot read it");
}

void cvk_hmac_sha256(const uint8_t key[32], const void *data, size_t n, uint8_t ret[SHA256_BYTES]) {
    unsigned len = 0;
    unsigned char *out = HMAC(EVP_sha256(), key, 32, data, n, ret, &len);
    assert(out != NULL && len == SHA256_BYTES);
    (void)out;
}
