#include "codec/json_write.h"

#include "base/hex.h"
#include "codec/utf8.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

static void give(JsonWriter *w, const void *data, size_t n) {
    if (!w->failed && n != 0 && !w->sink.write(w->sink.ctx, data, n, &w->err))
        w->failed = true;
}

static void flush(JsonWriter *w) {
    give(w, w->out, w->out_n);
    w->out_n = 0;
}

static void put(JsonWriter *w, const void *data, size_t n) {
    if (n > sizeof w->out - w->out_n)
        flush(w);
    if (n > sizeof w->out) {
        give(w, data, n);
        return;
    }
    memcpy(w->out + w->out_n, data, n);
    w->out_n += n;
}

static void put_text(JsonWriter *w, const char *s) {
    put(w, s, strlen(s));
}

static void new_line(JsonWriter *w) {
    if (w->indent == 0)
        return;
    put(w, "\n", 1);
    for (unsigned i = 0; i < w->depth * w->indent; i++)
        put(w, " ", 1);
}

/* Before a key, or before an element of an array. */
static void begin_item(JsonWriter *w) {
    if (w->level[w->depth].has_items)
        put(w, ",", 1);
    w->level[w->depth].has_items = true;
    new_line(w);
}

static void begin_value(JsonWriter *w) {
    if (w->depth == 0) {
        assert(!w->level[0].has_items); /* one value is a document */
        w->level[0].has_items = true;
    } else if (w->level[w->depth].object) {
        assert(w->level[w->depth].has_key);
        w->level[w->depth].has_key = false;
    } else {
        begin_item(w);
    }
}

static void begin_container(JsonWriter *w, bool object) {
    begin_value(w);
    assert(w->depth < LIMIT_JSON_DEPTH);
    w->depth++;
    w->level[w->depth].object = object;
    w->level[w->depth].has_items = false;
    w->level[w->depth].has_key = false;
    put(w, object ? "{" : "[", 1);
}

static void end_container(JsonWriter *w, bool object) {
    assert(w->depth > 0 && w->level[w->depth].object == object && !w->level[w->depth].has_key);
    bool had_items = w->level[w->depth].has_items;
    w->depth--;
    if (had_items)
        new_line(w);
    put(w, object ? "}" : "]", 1);
}

void json_object_begin(JsonWriter *w) {
    begin_container(w, true);
}

void json_object_end(JsonWriter *w) {
    end_container(w, true);
}

void json_array_begin(JsonWriter *w) {
    begin_container(w, false);
}

void json_array_end(JsonWriter *w) {
    end_container(w, false);
}

static void put_escape(JsonWriter *w, char c) {
    static const char plain[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
    const char *found = memchr(plain, c, sizeof plain - 1);
    char text[8];
    if (found != NULL)
        snprintf(text, sizeof text, "\\%c", letters[found - plain]);
    else
        snprintf(text, sizeof text, "\\u%04x", (unsigned char)c);
    put_text(w, text);
}

static void put_quoted(JsonWriter *w, const char *s, size_t n) {
    put(w, "\"", 1);
    for (size_t i = 0, length; i < n; i += length) {
        length = utf8_length(s + i, n - i);
        if (length == 0) {
            put_text(w, "\xef\xbf\xbd"); /* U+FFFD */
            length = 1;
        } else if ((unsigned char)s[i] < 0x20 || s[i] == '"' || s[i] == '\\') {
            put_escape(w, s[i]);
        } else {
            put(w, s + i, length);
        }
    }
    put(w, "\"", 1);
}

void json_put_key(JsonWriter *w, const char *key) {
    assert(w->depth > 0 && w->level[w->depth].object && !w->level[w->depth].has_key);
    begin_item(w);
    put_quoted(w, key, strlen(key));
    put_text(w, w->indent == 0 ? ":" : ": ");
    w->level[w->depth].has_key = true;
}

void json_put_strn(JsonWriter *w, const char *s, size_t n) {
    begin_value(w);
    put_quoted(w, s, n);
}

void json_put_str(JsonWriter *w, const char *s) {
    json_put_strn(w, s, strlen(s));
}

void json_put_uint(JsonWriter *w, uint64_t v) {
    char text[24];
    begin_value(w);
    snprintf(text, sizeof text, "%" PRIu64, v);
    put_text(w, text);
}

void json_put_int(JsonWriter *w, int64_t v) {
    char text[24];
    begin_value(w);
    snprintf(text, sizeof text, "%" PRId64, v);
    put_text(w, text);
}

void json_put_bool(JsonWriter *w, bool v) {
    begin_value(w);
    put_text(w, v ? "true" : "false");
}

void json_put_null(JsonWriter *w) {
    begin_value(w);
    put_text(w, "null");
}

void json_put_number(JsonWriter *w, const char *text, size_t n) {
    begin_value(w);
    put(w, text, n);
}

void json_put_hex(JsonWriter *w, const uint8_t *bytes, size_t n) {
    begin_value(w);
    put_text(w, "\"0x");
    while (n != 0) {
        char text[2 * 128 + 1];
        size_t some = n < 128 ? n : 128;
        cvk_hex_encode(bytes, some, text);
        put(w, text, 2 * some);
        bytes += some;
        n -= some;
    }
    put(w, "\"", 1);
}

void json_field_str(JsonWriter *w, const char *key, const char *s) {
    json_put_key(w, key);
    json_put_str(w, s);
}

void json_field_uint(JsonWriter *w, const char *key, uint64_t v) {
    json_put_key(w, key);
    json_put_uint(w, v);
}

void json_field_int(JsonWriter *w, const char *key, int64_t v) {
    json_put_key(w, key);
    json_put_int(w, v);
}

void json_field_bool(JsonWriter *w, const char *key, bool v) {
    json_put_key(w, key);
    json_put_bool(w, v);
}

void json_field_hex(JsonWriter *w, const char *key, const uint8_t *bytes, size_t n) {
    json_put_key(w, key);
    json_put_hex(w, bytes, n);
}

bool json_finish(JsonWriter *w, CvkErr *err) {
    assert(w->depth == 0 && w->level[0].has_items);
    flush(w);
    if (w->failed && err != NULL)
        *err = w->err;
    return !w->failed;
}

static bool write_buf(void *ctx, const void *data, size_t n, CvkErr *err) {
    return cvk_buf_add(ctx, data, n, err);
}

JsonSink json_to_buf(CvkBuf *b) {
    return (JsonSink){.write = write_buf, .ctx = b};
}

static bool write_file(void *ctx, const void *data, size_t n, CvkErr *err) {
    FILE *file = ctx;
    return fwrite(data, 1, n, file) == n ||
           cvk_fail_errno(err, "file.write", "cannot write the document");
}

JsonSink json_to_file(FILE *file) {
    return (JsonSink){.write = write_file, .ctx = file};
}
