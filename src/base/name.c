#include "base/name.h"

#include <string.h>

bool cvk_name_ok(const char *name, size_t max) {
    size_t n = strspn(name, CVK_NAME_CHARS);
    return n != 0 && n <= max && name[n] == '\0';
}
