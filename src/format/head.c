#include "format/head.h"

#include "base/alloc.h"
#include "base/file.h"
#include "base/hex.h"
#include "codec/json_write.h"
#include "format/doc.h"

#include <string.h>

#define VERSION 1
#define SIGNATURE_DIGITS ((size_t)2 * ETH_SIGNATURE_BYTES)

/* ---- writing ---- */

static bool name_ok(const char *name) {
    size_t n = strlen(name);
    for (size_t i = 0; i < n; i++)
        if (name[i] <= ' ' || name[i] > '~' || name[i] == '"' || name[i] == '\\')
            return false;
    return n != 0;
}

/* What is signed. */
static bool write_text(const JournalHead *h, CvkBuf *b, CvkErr *err) {
    if (!name_ok(h->ceremony))
        return cvk_fail(err, CVK_EBADREQ, "head.name", "no name for a ceremony");
    JsonWriter w = JSON_WRITER(json_to_buf(b), 0);
    json_object_begin(&w);
    json_put_key(&w, "convoke_head");
    json_put_uint(&w, VERSION);
    json_put_key(&w, "ceremony");
    json_put_str(&w, h->ceremony);
    json_put_key(&w, "entries");
    json_put_uint(&w, h->entries);
    json_put_key(&w, "root");
    json_put_hex(&w, h->root, sizeof h->root);
    json_object_end(&w);
    return json_finish(&w, err);
}

static bool digest(const JournalHead *h, uint8_t ret[32], CvkErr *err) {
    _cleanup_buf_ CvkBuf text = CVK_BUF(HEAD_MAX);
    if (!write_text(h, &text, err))
        return false;
    eth_personal_digest(text.data, text.n, ret);
    return true;
}

bool head_sign(const JournalHead *h, const uint8_t secret[ETH_SECRET_BYTES],
               uint8_t ret[ETH_SIGNATURE_BYTES], CvkErr *err) {
    uint8_t hash[32];
    return digest(h, hash, err) && eth_sign(secret, hash, ret, err);
}

bool head_signer(const SignedHead *h, uint8_t ret_address[ETH_ADDRESS_BYTES]) {
    uint8_t hash[32];
    return digest(&h->head, hash, NULL) && eth_recover(hash, h->signature, ret_address);
}

bool head_write(const SignedHead *h, CvkBuf *ret, CvkErr *err) {
    _cleanup_buf_ CvkBuf text = CVK_BUF(HEAD_MAX);
    char digits[SIGNATURE_DIGITS + 1];
    if (!write_text(&h->head, &text, err))
        return false;
    cvk_hex_encode(h->signature, sizeof h->signature, digits);
    JsonWriter w = JSON_WRITER(json_to_buf(ret), 0);
    json_object_begin(&w);
    json_put_key(&w, "head");
    json_put_str(&w, text.data);
    json_put_key(&w, "signature");
    json_put_str(&w, digits);
    json_object_end(&w);
    return json_finish(&w, err);
}

/* ---- reading: by fields first, then what was read must be written the same ---- */

enum { H_VERSION, H_CEREMONY, H_ENTRIES, H_ROOT, H_N };
static const char *const head_names[H_N] = {"convoke_head", "ceremony", "entries", "root"};

static bool head_field(JsonReader *r, size_t which, void *ctx, CvkErr *err) {
    JournalHead *h = ctx;
    uint64_t version;
    switch (which) {
    case H_VERSION:
        return json_read_uint(r, VERSION, &version, err);
    case H_CEREMONY:
        return doc_text(r, h->ceremony, sizeof h->ceremony, err);
    case H_ENTRIES:
        return json_read_uint(r, UINT64_MAX, &h->entries, err);
    default:
        return doc_hex(r, h->root, sizeof h->root, err);
    }
}

static bool read_document(const char *text, size_t n, const DocObject *kind, void *ret,
                          CvkErr *err) {
    JsonMemory m = {.data = text, .n = n};
    _cleanup_(json_reader_free_at) JsonReader *r =
        json_reader_new(json_from_memory(&m), HEAD_MAX, err);
    return r != NULL && doc_object(r, kind, ret, err) && json_read_end(r, err);
}

typedef struct {
    char text[HEAD_MAX];
    char digits[SIGNATURE_DIGITS + 1];
} Delivered;

static bool delivered_field(JsonReader *r, size_t which, void *ctx, CvkErr *err) {
    Delivered *d = ctx;
    return which == 0 ? doc_text(r, d->text, sizeof d->text, err)
                      : doc_text(r, d->digits, sizeof d->digits, err);
}

static bool read_fields(const char *text, size_t n, SignedHead *ret, CvkErr *err) {
    static const char *const names[] = {"head", "signature"};
    static const DocObject outer = {.names = names, .n = 2, .field = delivered_field};
    static const DocObject inner = {.names = head_names, .n = H_N, .field = head_field};
    Delivered d;
    if (!read_document(text, n, &outer, &d, err) ||
        !read_document(d.text, strlen(d.text), &inner, &ret->head, err))
        return false;
    return (strlen(d.digits) == SIGNATURE_DIGITS &&
            cvk_hex_decode(d.digits, sizeof ret->signature, ret->signature)) ||
           cvk_fail(err, CVK_EBADREQ, "doc.hex", "a signature has %zu digits", SIGNATURE_DIGITS);
}

/* Whatever the readers say of a document becomes "head.shape"; a lack of memory stays what it is.
 */
static bool no_head(const CvkErr *why, CvkErr *err) {
    if (why->code == CVK_EINTERNAL)
        return cvk_fail(err, why->code, why->id, "%s", why->msg);
    return cvk_fail(err, CVK_EBADREQ, "head.shape", "not a signed head of a journal: %s", why->msg);
}

bool head_read(const char *text, size_t n, SignedHead *ret, CvkErr *err) {
    _cleanup_buf_ CvkBuf again = CVK_BUF(2 * HEAD_MAX);
    SignedHead h = {0};
    CvkErr why = {0};
    if (!read_fields(text, n, &h, &why) || !head_write(&h, &again, &why))
        return no_head(&why, err);
    if (again.n != n || memcmp(again.data, text, n) != 0)
        return cvk_fail(err, CVK_EBADREQ, "head.shape",
                        "a signed head of a journal, but not written the way that is signed");
    *ret = h;
    return true;
}

bool head_read_file(const char *path, SignedHead *ret, CvkErr *err) {
    _cleanup_buf_ CvkBuf text = CVK_BUF(HEAD_MAX);
    CvkErr why = {0};
    if (!cvk_file_read(path, &text, &why))
        return why.code == CVK_ELIMIT ? cvk_fail(err, CVK_EBADREQ, "head.shape", "%s", why.msg)
                                      : cvk_fail(err, why.code, why.id, "%s", why.msg);
    size_t n = text.n;
    while (n != 0 && strchr("\r\n", text.data[n - 1]) != NULL) /* of an editor, or a shell */
        n--;
    return head_read(cvk_buf_str(&text), n, ret, err);
}
