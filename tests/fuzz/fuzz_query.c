#include "fuzz/fuzz.h"
#include "http/url.h"

#define TARGET_MAX 1024

/* What is accepted is a clean path; and a query appended to any redirect is found there again. */
void fuzz_one(const uint8_t *data, size_t n) {
    char target[TARGET_MAX], path[TARGET_MAX], value[64];
    const char *query;
    size_t kept = n < sizeof target ? n : sizeof target - 1;
    if (kept != 0)
        memcpy(target, data, kept);
    target[kept] = '\0';
    if (url_split(target, path, sizeof path, &query)) {
        assert(path[0] == '/');
        for (const char *c = path; *c != '\0'; c++)
            assert((unsigned char)*c >= 0x20 && *c != 0x7f);
        assert(query[0] == '\0' || query[-1] == '?');
        form_get(query, strlen(query), "redirect_to", value, sizeof value);
    }
    _cleanup_buf_ CvkBuf b = CVK_BUF(2 * TARGET_MAX);
    bool written = url_with_query(&b, target, "unusual_name=1", NULL);
    assert(written && strstr(b.data, "unusual_name=1") != NULL);
    _cleanup_buf_ CvkBuf page = CVK_BUF(8 * TARGET_MAX);
    written = html_add(&page, target, NULL);
    assert(written && strpbrk(cvk_buf_str(&page), "<>\"'") == NULL);
}
