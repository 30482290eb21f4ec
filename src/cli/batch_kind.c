#include "cli/batch_kind.h"

#include "base/alloc.h"
#include "base/hex.h"
#include "base/le.h"
#include "base/sha256.h"
#include "cli/batch_kinds.h"
#include "format/sections.h"

/* That with an empty head comes last. */
#define KINDS_N 2
static const BatchKind *const kinds[KINDS_N] = {&BATCH_GROTH16, &BATCH_KZG_OPENING};

const BatchKind *batch_kind_at(size_t i) {
    return i < KINDS_N ? kinds[i] : NULL;
}

bool batch_kind_named(const char *name, const BatchKind **ret, CvkErr *err) {
    for (size_t i = 0; i < KINDS_N; i++) {
        if (strcmp(kinds[i]->name, name) == 0) {
            *ret = kinds[i];
            return true;
        }
    }
    return cvk_fail(err, CVK_EBADREQ, "usage.value",
                    "there is no kind '%.40s': give kzg-opening or groth16", name);
}

const BatchKind *batch_kind_of(const CvkBuf *batch) {
    const char *text = cvk_buf_str(batch);
    size_t i = 0;
    while (i + 1 < KINDS_N && strncmp(text, kinds[i]->head, strlen(kinds[i]->head)) != 0)
        i++;
    return kinds[i];
}

bool batch_kind_setup(const BatchKind *k, const char *path, bool *ret, CvkErr *err) {
    const char *magic;
    if (!section_file_magic(path, &magic, err))
        return false;
    *ret = k->setup_magic == NULL ? magic == NULL
                                  : magic != NULL && strcmp(magic, k->setup_magic) == 0;
    return true;
}

/* ---- batches ---- */

static void key_of(uint64_t seed, uint8_t ret[CVK_SEED_BYTES]) {
    static const char label[] = "convoke market batch generate";
    uint8_t text[sizeof label + 8];
    memcpy(text, label, sizeof label);
    cvk_put_le64(seed, text + sizeof label);
    cvk_sha256(text, sizeof text, ret);
}

bool batch_new(const BatchKind *k, uint64_t seed, uint64_t i, size_t most, CvkBuf *ret,
               CvkErr *err) {
    uint8_t key[CVK_SEED_BYTES], chance[8];
    const size_t least = most / 2 > 0 ? most / 2 : 1;
    key_of(seed, key);
    cvk_stream(key, 2 * i, chance, sizeof chance);
    const size_t n = FR_BYTES * (least + (size_t)(cvk_le64(chance) % (most - least + 1)));
    _cleanup_free_ uint8_t *numbers = cvk_alloc(n, 1, err);
    if (numbers == NULL)
        return false;
    cvk_stream(key, 2 * i + 1, numbers, n);
    for (size_t at = 0; at < n; at += FR_BYTES)
        numbers[at] &= 0x1f; /* orders begin with 0x30 (bn254) and 0x73 (bls12_381) */
    *ret = CVK_BUF(strlen(k->head) + n);
    return cvk_buf_add_str(ret, k->head, err) && cvk_buf_add(ret, numbers, n, err);
}

bool batch_manifest(const BatchKind *k, const void *setup, const char *name, const CvkBuf *batch,
                    CvkPool *pool, CvkBuf *ret, CvkErr *err) {
    char digest[2 * SHA256_BYTES + 1];
    uint8_t hash[SHA256_BYTES];
    JsonWriter w = JSON_WRITER(json_to_buf(ret), 2);
    cvk_sha256(cvk_buf_str(batch), batch->n, hash);
    cvk_hex_encode(hash, sizeof hash, digest);
    json_object_begin(&w);
    json_field_str(&w, "name", name);
    json_field_str(&w, "sha256", digest);
    json_field_uint(&w, "size", batch->n);
    json_field_str(&w, "verifier", k->name);
    if (!k->describe(setup, batch, pool, &w, err))
        return false;
    json_object_end(&w);
    return json_finish(&w, err);
}
