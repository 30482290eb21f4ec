#include "format/receipt_list.h"

#include "base/alloc.h"
#include "base/hex.h"
#include "base/limits.h"
#include "format/doc.h"

#include <string.h>

typedef struct {
    char text[LIMIT_JSON_STRING + 1];
    uint8_t signature[ETH_SIGNATURE_BYTES];
} Item;

static bool take_field(JsonReader *r, size_t which, void *ctx, CvkErr *err) {
    Item *item = ctx;
    const char *text;
    size_t n;
    if (!json_read_string(r, &text, &n, err))
        return false;
    if (which == 0) {
        memcpy(item->text, text, n + 1); /* the reader's strings are at most LIMIT_JSON_STRING */
        return true;
    }
    return (n == 2 * sizeof item->signature &&
            cvk_hex_decode(text, sizeof item->signature, item->signature)) ||
           json_read_fail(r, err, CVK_EBADREQ, "receipt.signature",
                          "not a signature of 130 digits");
}

bool receipt_list_each(JsonSource source, size_t max,
                       bool (*fn)(void *ctx, uint64_t index, const char *text,
                                  const uint8_t signature[ETH_SIGNATURE_BYTES], CvkErr *err),
                       void *ctx, CvkErr *err) {
    static const char *const names[] = {"receipt", "signature"};
    static const DocObject kind = {.names = names, .n = 2, .field = take_field};
    _cleanup_(json_reader_free_at) JsonReader *r = json_reader_new(source, max, err);
    Item item;
    bool more = true;
    if (r == NULL || !json_read_array(r, err))
        return false;
    for (uint64_t index = 1; json_read_more(r, &more, err); index++) {
        if (!more)
            return json_read_end(r, err);
        if (!doc_object(r, &kind, &item, err) || !fn(ctx, index, item.text, item.signature, err))
            return false;
    }
    return false;
}
