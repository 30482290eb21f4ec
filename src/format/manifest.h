/* The manifest of an exported ceremony: what is in the directory, and the server's signature on it.
 *
 * One compact JSON object whose last member is "signature": an EIP-191 signature by the key of the
 * receipts over the same object without that member (the bytes before `,"signature"` and a closing
 * brace). A manifest vouches for files, not for mathematics: those who distrust the server verify
 * the transcript itself. Threads: any. */
#pragma once

#include "algebra/eth_key.h"
#include "base/err.h"
#include "base/limits.h"

#include <stddef.h>
#include <stdint.h>

#define MANIFEST_FILES_MAX 64
#define MANIFEST_NAME_MAX 127
#define MANIFEST_MAX (64u << 10) /* bytes */

typedef struct {
    char name[MANIFEST_NAME_MAX + 1]; /* letters, digits, '.', '_', '-'; not beginning with '.' */
    uint64_t size;
    uint8_t sha256[32];
} ManifestFile;

typedef struct {
    char ceremony[64];
    char kind[16];
    char sizes[512];
    uint64_t contributions;
    bool finalized;
    uint64_t journal_entries;
    uint8_t journal_head[32];      /* the chain's last hash */
    bool has_root;                 /* false: written by a release that knew no Merkle trees */
    uint8_t journal_root[32];      /* of the tree over all entries */
    char server[ETH_ADDRESS_TEXT]; /* who signs */
    size_t n_files;
    ManifestFile files[MANIFEST_FILES_MAX];
} Manifest;

/* The signed text; the caller frees. m->server must be the key's address. */
char *manifest_write(const Manifest *m, const uint8_t key[ETH_SECRET_BYTES], CvkErr *err) MUST_USE;

/* CVK_EBADREQ: "manifest.shape" (not a manifest), "manifest.signature" (not signed by m->server).
 */
bool manifest_read(const char *text, size_t n, Manifest *ret, CvkErr *err) MUST_USE;
