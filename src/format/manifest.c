#include "format/manifest.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/hex.h"
#include "codec/json_write.h"
#include "format/doc.h"

#include <stdio.h>
#include <string.h>

/* ,"signature":"0x<130 digits>"} */
#define SIGNATURE_KEY ",\"signature\":\"0x"
#define SIGNATURE_TAIL (sizeof SIGNATURE_KEY - 1 + 2 * ETH_SIGNATURE_BYTES + 2)

enum {
    M_CEREMONY,
    M_KIND,
    M_SIZES,
    M_CONTRIBUTIONS,
    M_FINALIZED,
    M_ENTRIES,
    M_HEAD,
    M_ROOT,
    M_SERVER,
    M_FILES,
    M_N
};
static const char *const names[M_N] = {
    "ceremony",        "kind",         "sizes",        "contributions", "finalized",
    "journal_entries", "journal_head", "journal_root", "server",        "files"};

enum { F_NAME, F_SIZE, F_SHA256, F_N };
static const char *const file_names[F_N] = {"name", "size", "sha256"};

/* ---- writing ---- */

static void put_text(JsonWriter *w, size_t which, const char *text) {
    json_put_key(w, names[which]);
    json_put_str(w, text);
}

static void put_files(JsonWriter *w, const Manifest *m) {
    json_put_key(w, names[M_FILES]);
    json_array_begin(w);
    for (size_t i = 0; i < m->n_files; i++) {
        json_object_begin(w);
        json_put_key(w, file_names[F_NAME]);
        json_put_str(w, m->files[i].name);
        json_put_key(w, file_names[F_SIZE]);
        json_put_uint(w, m->files[i].size);
        json_put_key(w, file_names[F_SHA256]);
        json_put_hex(w, m->files[i].sha256, sizeof m->files[i].sha256);
        json_object_end(w);
    }
    json_array_end(w);
}

static bool write_unsigned(const Manifest *m, CvkBuf *b, CvkErr *err) {
    JsonWriter w = JSON_WRITER(json_to_buf(b), 0);
    json_object_begin(&w);
    put_text(&w, M_CEREMONY, m->ceremony);
    put_text(&w, M_KIND, m->kind);
    put_text(&w, M_SIZES, m->sizes);
    json_put_key(&w, names[M_CONTRIBUTIONS]);
    json_put_uint(&w, m->contributions);
    json_put_key(&w, names[M_FINALIZED]);
    json_put_bool(&w, m->finalized);
    json_put_key(&w, names[M_ENTRIES]);
    json_put_uint(&w, m->journal_entries);
    json_put_key(&w, names[M_HEAD]);
    json_put_hex(&w, m->journal_head, sizeof m->journal_head);
    if (m->has_root) {
        json_put_key(&w, names[M_ROOT]);
        json_put_hex(&w, m->journal_root, sizeof m->journal_root);
    }
    put_text(&w, M_SERVER, m->server);
    put_files(&w, m);
    json_object_end(&w);
    return json_finish(&w, err);
}

char *manifest_write(const Manifest *m, const uint8_t key[ETH_SECRET_BYTES], CvkErr *err) {
    CvkBuf b = CVK_BUF(MANIFEST_MAX);
    uint8_t digest[32], signature[ETH_SIGNATURE_BYTES];
    char hex[2 * ETH_SIGNATURE_BYTES + 1];
    bool ok = write_unsigned(m, &b, err);
    if (ok) {
        eth_personal_digest(b.data, b.n, digest);
        ok = eth_sign(key, digest, signature, err);
    }
    if (ok) {
        cvk_hex_encode(signature, sizeof signature, hex);
        b.n--; /* the closing brace comes again behind the signature */
        ok = cvk_buf_add_fmt(&b, err, SIGNATURE_KEY "%s\"}", hex);
    }
    if (!ok)
        cvk_buf_done(&b);
    return cvk_buf_take(&b);
}

/* ---- reading ---- */

/* Names become paths below the directory: nothing that could lead out of it. */
static bool take_name(JsonReader *r, char *ret, CvkErr *err) {
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    if (!doc_text(r, ret, MANIFEST_NAME_MAX + 1, err))
        return false;
    if (ret[0] == '\0' || ret[0] == '.' || ret[strspn(ret, allowed)] != '\0')
        return json_read_fail(r, err, CVK_EBADREQ, "doc.field", "'%.40s' is no name of a file here",
                              ret);
    return true;
}

static bool file_field(JsonReader *r, size_t which, void *ctx, CvkErr *err) {
    ManifestFile *f = ctx;
    switch (which) {
    case F_NAME:
        return take_name(r, f->name, err);
    case F_SIZE:
        return json_read_uint(r, UINT64_MAX, &f->size, err);
    default:
        return doc_hex(r, f->sha256, sizeof f->sha256, err);
    }
}

static bool read_file(JsonReader *r, void *into, CvkErr *err) {
    static const DocObject kind = {.names = file_names, .n = F_N, .field = file_field};
    return doc_object(r, &kind, into, err);
}

/* Of two entries with one name readers would choose different ones. */
static bool names_differ(JsonReader *r, const ManifestFile *files, size_t n, CvkErr *err) {
    for (size_t i = 1; i < n; i++)
        for (size_t k = 0; k < i; k++)
            if (strcmp(files[i].name, files[k].name) == 0)
                return json_read_fail(r, err, CVK_EBADREQ, "doc.field", "'%s' is named twice",
                                      files[i].name);
    return true;
}

static bool read_files(JsonReader *r, Manifest *m, CvkErr *err) {
    DocList list = {.item_size = sizeof(ManifestFile), .max = MANIFEST_FILES_MAX};
    bool ok = doc_list(r, &list, read_file, err) && names_differ(r, list.items, list.n, err);
    if (ok) {
        m->n_files = list.n;
        if (list.n != 0)
            memcpy(m->files, list.items, list.n * sizeof *m->files);
    }
    free(list.items);
    return ok;
}

static bool manifest_field(JsonReader *r, size_t which, void *ctx, CvkErr *err) {
    Manifest *m = ctx;
    switch (which) {
    case M_CEREMONY:
        return doc_text(r, m->ceremony, sizeof m->ceremony, err);
    case M_KIND:
        return doc_text(r, m->kind, sizeof m->kind, err);
    case M_SIZES:
        return doc_text(r, m->sizes, sizeof m->sizes, err);
    case M_CONTRIBUTIONS:
        return json_read_uint(r, LIMIT_CONTRIBUTIONS, &m->contributions, err);
    case M_FINALIZED:
        return json_read_bool(r, &m->finalized, err);
    case M_ENTRIES:
        return json_read_uint(r, UINT64_MAX, &m->journal_entries, err);
    case M_HEAD:
        return doc_hex(r, m->journal_head, sizeof m->journal_head, err);
    case M_ROOT:
        m->has_root = true;
        return doc_hex(r, m->journal_root, sizeof m->journal_root, err);
    case M_SERVER:
        return doc_text(r, m->server, sizeof m->server, err);
    default:
        return read_files(r, m, err);
    }
}

static bool read_unsigned(const char *text, size_t n, Manifest *m, CvkErr *err) {
    static const DocObject kind = {
        .names = names, .n = M_N, .optional = 1u << M_ROOT, .field = manifest_field};
    JsonMemory memory = {.data = text, .n = n};
    JsonReader *r = json_reader_new(json_from_memory(&memory), MANIFEST_MAX, err);
    bool ok = r != NULL && doc_object(r, &kind, m, err) && json_read_end(r, err);
    json_reader_free(r);
    if (!ok && r == NULL)
        return false;
    return ok || cvk_fail_prefix(err, "manifest");
}

/* Finds `,"signature":"0x..."}` at the end; *ret_n = what is before it. */
static bool split(const char *text, size_t n, size_t *ret_n,
                  uint8_t ret_signature[ETH_SIGNATURE_BYTES]) {
    while (n != 0 && (text[n - 1] == '\n' || text[n - 1] == '\r'))
        n--;
    if (n <= SIGNATURE_TAIL)
        return false;
    const char *tail = text + n - SIGNATURE_TAIL;
    *ret_n = n - SIGNATURE_TAIL;
    return memcmp(tail, SIGNATURE_KEY, sizeof SIGNATURE_KEY - 1) == 0 &&
           memcmp(text + n - 2, "\"}", 2) == 0 &&
           cvk_hex_decode(tail + sizeof SIGNATURE_KEY - 1, ETH_SIGNATURE_BYTES, ret_signature);
}

static bool is_signed(const char *text, size_t n, const uint8_t signature[ETH_SIGNATURE_BYTES],
                      const char *server) {
    uint8_t digest[32], address[ETH_ADDRESS_BYTES], expected[ETH_ADDRESS_BYTES];
    eth_personal_digest(text, n, digest);
    return eth_address_parse(server, expected) && eth_recover(digest, signature, address) &&
           memcmp(address, expected, sizeof address) == 0;
}

bool manifest_read(const char *text, size_t n, Manifest *ret, CvkErr *err) {
    uint8_t signature[ETH_SIGNATURE_BYTES];
    size_t before;
    CvkBuf b = CVK_BUF(MANIFEST_MAX);
    if (!split(text, n, &before, signature))
        return cvk_fail(err, CVK_EBADREQ, "manifest.shape", "not a signed manifest");
    memset(ret, 0, sizeof *ret);
    bool ok = cvk_buf_add(&b, text, before, err) && cvk_buf_add_str(&b, "}", err) &&
              read_unsigned(b.data, b.n, ret, err);
    if (ok && !is_signed(b.data, b.n, signature, ret->server))
        ok = cvk_fail(err, CVK_EBADREQ, "manifest.signature",
                      "the manifest is not signed by %s: it was changed", ret->server);
    cvk_buf_done(&b);
    return ok;
}
