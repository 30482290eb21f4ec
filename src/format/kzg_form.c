#include "format/kzg_form.h"

KzgForm kzg_form_of(const void *data, size_t n) {
    return n != 0 && *(const uint8_t *)data == KZG_BINARY_FIRST ? KZG_FORM_BINARY : KZG_FORM_JSON;
}

const char *kzg_form_type(KzgForm form) {
    return form == KZG_FORM_BINARY ? KZG_BINARY_TYPE : "application/json";
}

bool kzg_form_read(JsonSource source, size_t max, KzgWire **ret, CvkErr *err) {
    JsonPeek peek;
    JsonSource same;
    int first;
    if (!json_source_peek(source, &peek, &same, &first, err))
        return false;
    return first == KZG_BINARY_FIRST ? kzg_binary_read(same, max, ret, err)
                                     : kzg_contribution_read(same, max, ret, err);
}
