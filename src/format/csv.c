#include "format/csv.h"

#include <string.h>

static bool has_any(const char *text, size_t n, const char *of) {
    for (size_t i = 0; i < n; i++)
        if (text[i] != '\0' && strchr(of, text[i]) != NULL)
            return true;
    return false;
}

bool csv_add_text(CvkBuf *to, const char *text, size_t n, CvkErr *err) {
    bool formula = n > 0 && has_any(text, 1, "=+-@\t\r");
    bool quoted = n == 0 || has_any(text, n, ",\"\r\n");
    if (quoted && !cvk_buf_add(to, "\"", 1, err))
        return false;
    if (formula && !cvk_buf_add(to, "'", 1, err))
        return false;
    while (quoted && n > 0) {
        const char *quote = memchr(text, '"', n);
        size_t part = quote != NULL ? (size_t)(quote - text) + 1 : n;
        if (!cvk_buf_add(to, text, part, err) || (quote != NULL && !cvk_buf_add(to, "\"", 1, err)))
            return false;
        text += part;
        n -= part;
    }
    return cvk_buf_add(to, text, n, err) && (!quoted || cvk_buf_add(to, "\"", 1, err));
}
