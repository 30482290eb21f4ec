#include "http/reply.h"

#include "base/alloc.h"
#include "base/buf.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define ERROR_BODY_MAX 4096

static void drop_body(HttpReply *p) {
    free(p->data);
    if (p->fd >= 0)
        close(p->fd);
    p->data = NULL;
    p->fd = -1;
    p->n = 0;
    p->at = p->size = 0;
    p->encoding = NULL;
    p->etag[0] = '\0';
}

void reply_done(HttpReply *p) {
    drop_body(p);
    for (size_t i = 0; i < p->n_fields; i++)
        free(p->fields[i].value);
    *p = HTTP_REPLY_NONE;
}

void reply_set(HttpReply *p, unsigned status, const char *type, const void *data, size_t n) {
    drop_body(p);
    p->status = status;
    p->type = type;
    if (n == 0)
        return;
    p->data = cvk_alloc(n, 1, NULL);
    if (p->data == NULL) {
        p->status = 500;
        p->type = NULL;
        return;
    }
    memcpy(p->data, data, n);
    p->n = n;
}

void reply_set_file(HttpReply *p, unsigned status, const char *type, int fd, uint64_t size,
                    const char *etag) {
    drop_body(p);
    p->status = status;
    p->type = type;
    p->fd = fd;
    p->n = (size_t)size;
    p->size = size;
    if (etag != NULL && etag[0] != '\0')
        snprintf(p->etag, sizeof p->etag, "\"%s\"", etag);
}

/* The little JSON that an error needs; texts here are ours, or a peer's quoted by ours. */
static bool add_quoted(CvkBuf *b, const char *s) {
    bool ok = cvk_buf_add(b, "\"", 1, NULL);
    for (; *s != '\0' && ok; s++) {
        unsigned char c = (unsigned char)*s;
        if (c == '"' || c == '\\')
            ok = cvk_buf_add_fmt(b, NULL, "\\%c", c);
        else if (c < 0x20 || c == 0x7f)
            ok = cvk_buf_add_fmt(b, NULL, "\\u%04x", c);
        else
            ok = cvk_buf_add(b, s, 1, NULL);
    }
    return ok && cvk_buf_add(b, "\"", 1, NULL);
}

void reply_set_error(HttpReply *p, unsigned status, const char *code, const char *text) {
    _cleanup_buf_ CvkBuf b = CVK_BUF(ERROR_BODY_MAX);
    bool ok = cvk_buf_add_str(&b, "{\"code\":", NULL) && add_quoted(&b, code) &&
              cvk_buf_add_str(&b, ",\"error\":", NULL) && add_quoted(&b, text) &&
              cvk_buf_add_str(&b, "}", NULL);
    reply_set(p, status, "application/json", b.data, ok ? b.n : 0);
}

static bool is_clean(const char *s) {
    for (; *s != '\0'; s++)
        if ((unsigned char)*s < 0x20 || *s == 0x7f)
            return false;
    return true;
}

void reply_add_field(HttpReply *p, const char *name, const char *value) {
    if (p->n_fields == REPLY_FIELDS_MAX || !is_clean(value))
        return;
    char *copy = cvk_strdup(value, NULL);
    if (copy == NULL)
        return;
    p->fields[p->n_fields].name = name;
    p->fields[p->n_fields++].value = copy;
}

const char *reply_field(const HttpReply *p, const char *name) {
    for (size_t i = 0; i < p->n_fields; i++)
        if (strcmp(p->fields[i].name, name) == 0)
            return p->fields[i].value;
    return NULL;
}

bool etag_matches(const char *list, const char *etag) {
    size_t n = strlen(etag);
    while (*list != '\0') {
        list += strspn(list, " \t,");
        if (*list == '*')
            return true;
        if (strncmp(list, "W/", 2) == 0) /* comparison for If-None-Match is the weak one */
            list += 2;
        size_t item = strcspn(list, ",");
        size_t text = item;
        while (text != 0 && (list[text - 1] == ' ' || list[text - 1] == '\t'))
            text--;
        if (text == n && memcmp(list, etag, n) == 0)
            return true;
        list += item;
    }
    return false;
}

/* Decimal digits at *s, which moves past them. False: none, or more than 18. */
static bool take_number(const char **s, uint64_t *ret) {
    uint64_t v = 0;
    size_t n = 0;
    for (; **s >= '0' && **s <= '9'; ++*s, n++) {
        if (n == 18)
            return false;
        v = v * 10 + (uint64_t)(**s - '0');
    }
    *ret = v;
    return n != 0;
}

RangeResult range_parse(const char *range, uint64_t size, uint64_t *ret_at, uint64_t *ret_n) {
    uint64_t first = 0, last = 0;
    if (strncmp(range, "bytes=", 6) != 0)
        return RANGE_WHOLE;
    const char *s = range + 6;
    bool has_first = take_number(&s, &first);
    if (*s++ != '-')
        return RANGE_WHOLE;
    bool has_last = take_number(&s, &last);
    if (*s != '\0' || (!has_first && !has_last) || (has_first && has_last && last < first))
        return RANGE_WHOLE;
    if (!has_first) { /* the last `last` bytes */
        if (last == 0 || size == 0)
            return RANGE_UNSATISFIABLE;
        *ret_n = last < size ? last : size;
        *ret_at = size - *ret_n;
        return RANGE_PART;
    }
    if (first >= size)
        return RANGE_UNSATISFIABLE;
    if (!has_last || last >= size)
        last = size - 1;
    *ret_at = first;
    *ret_n = last - first + 1;
    return RANGE_PART;
}

/* Keeps the ETag, which a 304 must carry, and lets the rest go. */
static void make_bodyless(HttpReply *p, unsigned status) {
    char etag[REPLY_ETAG_MAX];
    memcpy(etag, p->etag, sizeof etag);
    reply_set(p, status, NULL, NULL, 0);
    memcpy(p->etag, etag, sizeof etag);
}

static void narrow_to_range(HttpReply *p, const char *range) {
    char text[80];
    uint64_t at, n;
    switch (range_parse(range, p->size, &at, &n)) {
    case RANGE_WHOLE:
        return;
    case RANGE_UNSATISFIABLE:
        snprintf(text, sizeof text, "bytes */%" PRIu64, p->size);
        make_bodyless(p, 416);
        break;
    case RANGE_PART:
        snprintf(text, sizeof text, "bytes %" PRIu64 "-%" PRIu64 "/%" PRIu64, at, at + n - 1,
                 p->size);
        p->status = 206;
        p->at = at;
        p->n = (size_t)n;
        break;
    }
    reply_add_field(p, "Content-Range", text);
}

void reply_narrow(HttpReply *p, const char *if_none_match, const char *if_range,
                  const char *range) {
    if (p->status != 200 || p->fd < 0 || p->etag[0] == '\0')
        return;
    if (if_none_match != NULL && etag_matches(if_none_match, p->etag))
        make_bodyless(p, 304);
    else if (range != NULL && (if_range == NULL || strcmp(if_range, p->etag) == 0))
        narrow_to_range(p, range);
}
