#include "codec/json_relay.h"

typedef struct {
    JsonReader *r;
    JsonWriter *w;
    unsigned depth;
    bool object[LIMIT_JSON_DEPTH]; /* of each container that is open, or an array */
} Copy;

static bool copy_text(Copy *c, bool number, CvkErr *err) {
    const char *text;
    size_t n;
    if (!(number ? json_read_number(c->r, &text, &n, err) : json_read_string(c->r, &text, &n, err)))
        return false;
    if (number)
        json_put_number(c->w, text, n);
    else
        json_put_strn(c->w, text, n);
    return true;
}

static bool copy_bool(Copy *c, CvkErr *err) {
    bool v = false;
    if (!json_read_bool(c->r, &v, err))
        return false;
    json_put_bool(c->w, v);
    return true;
}

static bool copy_null(Copy *c, CvkErr *err) {
    if (!json_read_null(c->r, err))
        return false;
    json_put_null(c->w);
    return true;
}

/* The reader refuses what is nested too deeply for `object`. */
static bool enter(Copy *c, bool object, CvkErr *err) {
    if (!(object ? json_read_object(c->r, err) : json_read_array(c->r, err)))
        return false;
    if (object)
        json_object_begin(c->w);
    else
        json_array_begin(c->w);
    c->object[c->depth++] = object;
    return true;
}

/* A scalar, or the beginning of a container. */
static bool copy_value(Copy *c, CvkErr *err) {
    JsonType type;
    if (!json_read_peek(c->r, &type, err))
        return false;
    switch (type) {
    case JSON_TYPE_OBJECT:
    case JSON_TYPE_ARRAY:
        return enter(c, type == JSON_TYPE_OBJECT, err);
    case JSON_TYPE_STRING:
    case JSON_TYPE_NUMBER:
        return copy_text(c, type == JSON_TYPE_NUMBER, err);
    case JSON_TYPE_BOOL:
        return copy_bool(c, err);
    case JSON_TYPE_NULL:
        break;
    }
    return copy_null(c, err);
}

/* The next key of the innermost container, or its end. */
static bool copy_key(Copy *c, bool *ret_more, CvkErr *err) {
    const char *key;
    if (!json_read_key(c->r, &key, err))
        return false;
    *ret_more = key != NULL;
    if (key != NULL)
        json_put_key(c->w, key);
    else
        json_object_end(c->w);
    return true;
}

static bool copy_more(Copy *c, bool *ret_more, CvkErr *err) {
    if (!json_read_more(c->r, ret_more, err))
        return false;
    if (!*ret_more)
        json_array_end(c->w);
    return true;
}

static bool copy_item(Copy *c, CvkErr *err) {
    bool more = false;
    if (!(c->object[c->depth - 1] ? copy_key(c, &more, err) : copy_more(c, &more, err)))
        return false;
    if (more)
        return copy_value(c, err);
    c->depth--;
    return true;
}

bool json_relay(JsonReader *r, JsonWriter *w, CvkErr *err) {
    Copy c = {.r = r, .w = w};
    bool ok = copy_value(&c, err);
    while (ok && c.depth != 0)
        ok = copy_item(&c, err);
    return ok;
}
