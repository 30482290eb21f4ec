#include "client/kzg_wait.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define SECONDS_MAX INT64_C(3155760000) /* a hundred years */

/* A decimal number with nothing but `end` behind it, which *at then follows. */
static bool take_number(const char **at, char end, uint64_t *ret) {
    uint64_t v = 0;
    const char *c = *at;
    size_t digits = strspn(c, "0123456789");
    if (digits == 0 || digits > 18 || c[digits] != end)
        return false;
    for (size_t i = 0; i < digits; i++)
        v = 10 * v + (uint64_t)(c[i] - '0');
    *at = c + digits + (end != '\0' ? 1 : 0);
    *ret = v;
    return true;
}

static uint64_t number_field(const WebReply *r, const char *name) {
    const char *text = web_reply_field(r, name);
    uint64_t v;
    return text != NULL && take_number(&text, '\0', &v) ? v : 0;
}

/* "low-mean-high", seconds. */
static void read_expected(const WebReply *r, KzgWait *ret) {
    const char *text = web_reply_field(r, "X-Expected-Wait");
    uint64_t low, mean, high;
    if (text == NULL || !take_number(&text, '-', &low) || !take_number(&text, '-', &mean) ||
        !take_number(&text, '\0', &high) || low > mean || mean > high || high > SECONDS_MAX)
        return;
    ret->expected = true;
    ret->low_ms = (int64_t)low * 1000;
    ret->high_ms = (int64_t)high * 1000;
}

void kzg_wait_read(const WebReply *r, KzgWait *ret) {
    const char *mode = web_reply_field(r, "X-Ceremony-Mode");
    *ret = (KzgWait){.position = number_field(r, "X-Queue-Position"),
                     .size = number_field(r, "X-Queue-Size"),
                     .cooling = web_reply_field(r, "X-Cool-Down") != NULL,
                     .paused = mode != NULL && strcmp(mode, "paused") == 0};
    if (ret->position > ret->size) /* as nobody can be */
        ret->position = 0;
    read_expected(r, ret);
}

/* NULL: it goes without saying, as they know their place or how long it takes. */
static const char *why(KzgReplyKind kind, const KzgWait *w) {
    if (w->paused)
        return "the ceremony is paused";
    if (w->cooling)
        return "a pause after the turn that failed";
    if (kind == KZG_REPLY_LOBBY_FULL)
        return "too many people are waiting";
    if (kind == KZG_REPLY_EARLY)
        return "asked a little too soon";
    return w->position != 0 || w->expected ? NULL : "another contribution is in progress";
}

/* Short enough for a line of a terminal. */
void kzg_wait_text(KzgReplyKind kind, const KzgWait *w, char ret[KZG_WAIT_TEXT]) {
    char place[64] = "", expected[CVK_SPAN_TEXT + 24] = "", span[CVK_SPAN_TEXT];
    const char *reason = why(kind, w);
    if (w->position != 0)
        snprintf(place, sizeof place, "; place %" PRIu64 " of %" PRIu64, w->position, w->size);
    else if (w->size != 0)
        snprintf(place, sizeof place, "; %" PRIu64 " waiting", w->size);
    if (w->expected && !w->paused) {
        cvk_span_text(w->low_ms, w->high_ms, span);
        snprintf(expected, sizeof expected, "; %s until your turn", span);
    }
    snprintf(ret, KZG_WAIT_TEXT, "; %s%s%s", reason != NULL ? reason : "", place, expected);
    const char *from = ret + (reason != NULL ? 2 : 4); /* what is first has no semicolon */
    memmove(ret, from, strlen(from) + 1);
}
