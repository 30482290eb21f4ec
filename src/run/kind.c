#include "run/kind.h"

#include <string.h>

const Kind *kind_find(const char *name) {
    static const Kind *const kinds[] = {&KIND_KZG, NULL};
    size_t i = 0;
    while (kinds[i] != NULL && strcmp(kinds[i]->name, name) != 0)
        i++;
    return kinds[i];
}

void kind_result_init(KindResult *r) {
    *r = (KindResult){.record = CVK_BUF(LIMIT_RECORD), .keys = CVK_BUF(LIMIT_RECORD)};
}

void kind_result_done(KindResult *r) {
    cvk_buf_done(&r->record);
    cvk_buf_done(&r->keys);
}
