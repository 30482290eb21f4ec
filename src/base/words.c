#include "base/words.h"

#include <stdio.h>
#include <string.h>

const char *cvk_words(const char *const *words, size_t n, char ret[CVK_WORDS_TEXT]) {
    static const char more[] = ", ...";
    size_t at = 0;
    ret[0] = '\0';
    for (size_t i = 0; i < n; i++) {
        const char *comma = i > 0 ? ", " : "";
        size_t room = CVK_WORDS_TEXT - at - (i + 1 < n ? sizeof more : 1);
        if (strlen(comma) + strlen(words[i]) > room) {
            snprintf(ret + at, CVK_WORDS_TEXT - at, "%s", i > 0 ? more : "...");
            break;
        }
        at += (size_t)snprintf(ret + at, CVK_WORDS_TEXT - at, "%s%s", comma, words[i]);
    }
    return ret;
}

bool cvk_words_find(const char *what, const char *given, const char *const *words, size_t n,
                    size_t *ret, CvkErr *err) {
    char all[CVK_WORDS_TEXT];
    for (size_t i = 0; i < n; i++)
        if (strcmp(words[i], given) == 0) {
            *ret = i;
            return true;
        }
    return cvk_fail(err, CVK_EBADREQ, "usage.value", "%s is one of %s, not '%.40s'", what,
                    cvk_words(words, n, all), given);
}
