#include "market/panel_read.h"

#include "base/alloc.h"
#include "base/limits.h"
#include "codec/json_read.h"
#include "market/panel_csv.h"
#include "market/panel_record.h"

#include <string.h>

/* JSON lines as one array: a bracket at each end, a comma before each line but the first. Line
 * breaks stay, so that places in messages are right; within a text JSON has none. */
typedef struct {
    JsonSource from;
    bool begun, ended;
    bool had_line; /* there was a line that was not blank */
    bool fresh;    /* nothing of this line has come */
} Lines;

/* n bytes from `in` to `out`, twice as many at most. Returns how many. */
static size_t with_commas(Lines *l, const char *in, size_t n, char *out) {
    size_t m = 0;
    for (size_t i = 0; i < n; i++) {
        char c = in[i];
        bool blank = c == ' ' || c == '\t' || c == '\r' || c == '\n';
        if (!blank && l->fresh) {
            if (l->had_line)
                out[m++] = ',';
            l->had_line = true;
            l->fresh = false;
        }
        l->fresh = l->fresh || c == '\n';
        out[m++] = c;
    }
    return m;
}

/* What is read comes to the upper half of `into`, and grows into the whole: a byte is read before
 * anything is written over it. */
static bool read_lines(void *ctx, void *into, size_t cap, size_t *ret_n, CvkErr *err) {
    Lines *l = ctx;
    char *to = into;
    size_t n = 0;
    if (l->ended || !l->begun) {
        to[0] = '[';
        *ret_n = l->begun ? 0 : 1;
        l->begun = l->fresh = true;
        return true;
    }
    if (cap < 2)
        return cvk_fail(err, CVK_EINTERNAL, "panel.read", "too small a window");
    if (!l->from.read(l->from.ctx, to + cap - cap / 2, cap / 2, &n, err))
        return false;
    l->ended = n == 0;
    to[0] = l->ended ? ']' : to[0];
    *ret_n = l->ended ? 1 : with_commas(l, to + cap - cap / 2, n, to);
    return true;
}

/* The value of one member: texts and numbers as they are, others passed over. */
static bool read_value(JsonReader *r, const char *key, Record *into, CvkErr *err) {
    JsonType type;
    const char *text;
    size_t n;
    if (!json_read_peek(r, &type, err))
        return false;
    if (type == JSON_TYPE_STRING)
        return json_read_string(r, &text, &n, err) && record_put(into, key, text, n, err);
    if (type == JSON_TYPE_NUMBER)
        return json_read_number(r, &text, &n, err) && record_put(into, key, text, n, err);
    return json_read_skip(r, err);
}

static bool read_object(JsonReader *r, Record *into, CvkErr *err) {
    char name[72];
    const char *key;
    record_clear(into);
    if (!json_read_object(r, err))
        return false;
    while (json_read_key(r, &key, err)) {
        if (key == NULL)
            return true;
        size_t n = strlen(key) < sizeof name ? strlen(key) : 0; /* so long is no name of ours */
        memcpy(name, key, n);
        name[n] = '\0';
        if (!read_value(r, name, into, err))
            return false;
    }
    return false;
}

static bool read_objects(JsonReader *r, Record *into, Panel *p, CvkErr *err) {
    bool more;
    if (!json_read_array(r, err))
        return false;
    for (size_t i = 1; json_read_more(r, &more, err); i++) {
        if (!more)
            return json_read_end(r, err);
        if (!read_object(r, into, err))
            return false;
        if (!record_add(into, p, err))
            return cvk_fail_prefix(err, "submission %zu", i);
    }
    return false;
}

static bool read_json_lines(JsonSource from, Panel *p, CvkErr *err) {
    Lines lines = {.from = from};
    Record *into = cvk_alloc(1, sizeof *into, err);
    JsonReader *r = into != NULL
                        ? json_reader_new((JsonSource){read_lines, &lines}, LIMIT_JSON_FILE, err)
                        : NULL;
    bool ok = r != NULL && read_objects(r, into, p, err);
    json_reader_free(r);
    free(into);
    return ok;
}

bool panel_read(JsonSource from, Panel **ret, CvkErr *err) {
    JsonPeek peek;
    JsonSource all;
    int first;
    if (!json_source_peek(from, &peek, &all, &first, err))
        return false;
    Panel *p = panel_new(err);
    if (p == NULL)
        return false;
    if (!(first == '{' ? read_json_lines(all, p, err) : panel_csv_read(all, p, err)) ||
        !panel_number(p, err)) {
        panel_free(p);
        return false;
    }
    *ret = p;
    return true;
}
