#include "format/kind.h"

#include "base/alloc.h"
#include "codec/json_read.h"
#include "format/kzg_binary.h"

#include <string.h>

static DocumentKind kind_of_key(const char *key) {
    static const struct {
        const char *key;
        DocumentKind kind;
    } keys[] = {
        {"contributions", KIND_CONTRIBUTION},
        {"ecdsaSignature", KIND_CONTRIBUTION},
        {"transcripts", KIND_TRANSCRIPT},
        {"participantIds", KIND_TRANSCRIPT},
        {"participantEcdsaSignatures", KIND_TRANSCRIPT},
        {"g1_monomial", KIND_TRUSTED_SETUP},
        {"g1_lagrange", KIND_TRUSTED_SETUP},
        {"g2_monomial", KIND_TRUSTED_SETUP},
        {"receipt", KIND_RECEIPT},
        {"signature", KIND_RECEIPT},
        {"protocol", KIND_GROTH16},
        {"pi_a", KIND_GROTH16},
    };
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (strcmp(key, keys[i].key) == 0)
            return keys[i].kind;
    return KIND_UNKNOWN;
}

static bool json_kind(JsonSource source, DocumentKind *ret, CvkErr *err) {
    _cleanup_(json_reader_free_at) JsonReader *r = json_reader_new(source, SIZE_MAX, err);
    JsonType type;
    const char *key;
    if (r == NULL || !json_read_peek(r, &type, err))
        return false;
    if (type == JSON_TYPE_NUMBER) { /* the text form begins with the number of points */
        *ret = KIND_TRUSTED_SETUP;
        return true;
    }
    if (type != JSON_TYPE_OBJECT) {
        *ret = KIND_UNKNOWN;
        return true;
    }
    if (!json_read_object(r, err) || !json_read_key(r, &key, err))
        return false;
    *ret = key == NULL ? KIND_UNKNOWN : kind_of_key(key);
    return true;
}

bool document_kind(JsonSource source, DocumentKind *ret, CvkErr *err) {
    JsonPeek peek;
    JsonSource same;
    int first;
    if (!json_source_peek(source, &peek, &same, &first, err))
        return false;
    if (first != KZG_BINARY_FIRST)
        return json_kind(same, ret, err);
    *ret = KIND_CONTRIBUTION;
    return true;
}
