#include "codec/json_read.h"

#include "base/alloc.h"
#include "codec/json_read_private.h"

#include <assert.h>
#include <string.h>

static const char *const type_names[] = {
    [JSON_TYPE_OBJECT] = "an object",   [JSON_TYPE_ARRAY] = "an array",
    [JSON_TYPE_STRING] = "a string",    [JSON_TYPE_NUMBER] = "a number",
    [JSON_TYPE_BOOL] = "true or false", [JSON_TYPE_NULL] = "null",
};

JsonReader *json_reader_new(JsonSource source, size_t max, CvkErr *err) {
    JsonReader *r = cvk_alloc(1, sizeof *r, err);
    if (r == NULL)
        return NULL;
    r->source = source;
    r->max = max;
    r->line = 1;
    return r;
}

JsonReader *json_reader_free(JsonReader *r) {
    free(r);
    return NULL;
}

/* The end of every public function: tells the kept error if there is one. */
static bool tell(const JsonReader *r, bool ok, CvkErr *err) {
    if (!ok && err != NULL)
        *err = r->err;
    return ok;
}

static bool type_of(int c, JsonType *ret) {
    switch (c) {
    case '{':
        *ret = JSON_TYPE_OBJECT;
        return true;
    case '[':
        *ret = JSON_TYPE_ARRAY;
        return true;
    case '"':
        *ret = JSON_TYPE_STRING;
        return true;
    case 't':
    case 'f':
        *ret = JSON_TYPE_BOOL;
        return true;
    case 'n':
        *ret = JSON_TYPE_NULL;
        return true;
    default:
        *ret = JSON_TYPE_NUMBER;
        return c == '-' || (c >= '0' && c <= '9');
    }
}

/* Goes to the value that is due. The colon after a key is taken only here, so that the key's text
 * is still in the window when the caller gets it. */
static bool peek(JsonReader *r, JsonType *ret) {
    if (r->failed)
        return false;
    assert(r->want == JSON_WANT_VALUE || r->want == JSON_WANT_COLON);
    if (r->want == JSON_WANT_COLON) {
        if (json_next_token(r) != ':')
            return json_unexpected(r, "':'");
        r->at++;
        r->want = JSON_WANT_VALUE;
    }
    return type_of(json_next_token(r), ret) || json_unexpected(r, "a value");
}

static bool begin(JsonReader *r, JsonType type) {
    JsonType found;
    if (!peek(r, &found))
        return false;
    return found == type ||
           json_read_fail(r, NULL, CVK_EBADREQ, "json.type", "expected %s, found %s",
                          type_names[type], type_names[found]);
}

static bool value_done(JsonReader *r) {
    r->want = r->depth == 0 ? JSON_WANT_END : JSON_WANT_NEXT;
    return true;
}

static bool enter(JsonReader *r, JsonType type) {
    if (!begin(r, type))
        return false;
    if (r->depth == LIMIT_JSON_DEPTH)
        return json_fail_here(r, CVK_ELIMIT, "json.depth", "nested deeper than %d",
                              LIMIT_JSON_DEPTH);
    r->level[r->depth].object = type == JSON_TYPE_OBJECT;
    r->level[r->depth].has_items = false;
    r->depth++;
    r->at++;
    r->want = JSON_WANT_NEXT;
    return true;
}

/* Leaves the container (*ret_more = false), or takes the comma before a further item. */
static bool next_item(JsonReader *r, bool object, bool *ret_more) {
    if (r->failed)
        return false;
    assert(r->want == JSON_WANT_NEXT && r->depth > 0 && r->level[r->depth - 1].object == object);
    int c = json_next_token(r);
    bool *has_items = &r->level[r->depth - 1].has_items;
    if (c == (object ? '}' : ']')) {
        r->at++;
        r->depth--;
        *ret_more = false;
        return value_done(r);
    }
    if (*has_items) {
        if (c != ',')
            return json_unexpected(r, object ? "',' or '}'" : "',' or ']'");
        r->at++;
    }
    *has_items = true;
    *ret_more = true;
    r->want = JSON_WANT_VALUE;
    return true;
}

static bool key(JsonReader *r, const char **ret) {
    bool more;
    if (!next_item(r, true, &more))
        return false;
    if (!more) {
        *ret = NULL;
        return true;
    }
    if (json_next_token(r) != '"')
        return json_unexpected(r, "a key");
    size_t n;
    r->want = JSON_WANT_COLON;
    return json_take_string(r, ret, &n);
}

static bool literal(JsonReader *r, const char *word) {
    for (; *word != '\0'; word++, r->at++)
        if (json_look(r) != *word)
            return json_unexpected(r, "true, false or null");
    return value_done(r);
}

static bool skip_scalar(JsonReader *r, JsonType type) {
    const char *text;
    size_t n;
    switch (type) {
    case JSON_TYPE_STRING:
        return json_take_string(r, &text, &n) && value_done(r);
    case JSON_TYPE_NUMBER:
        return json_take_number(r, &text, &n) && value_done(r);
    case JSON_TYPE_BOOL:
        return literal(r, r->data[r->at] == 't' ? "true" : "false");
    case JSON_TYPE_NULL:
        return literal(r, "null");
    case JSON_TYPE_OBJECT:
    case JSON_TYPE_ARRAY:
        break;
    }
    return enter(r, type);
}

/* One step: a scalar, the opening of a container, or its next key, comma or end. */
static bool skip_step(JsonReader *r) {
    if (r->want == JSON_WANT_NEXT) {
        bool more;
        const char *name;
        return r->level[r->depth - 1].object ? key(r, &name) : next_item(r, false, &more);
    }
    JsonType type;
    return peek(r, &type) && skip_scalar(r, type);
}

bool json_read_peek(JsonReader *r, JsonType *ret, CvkErr *err) {
    return tell(r, peek(r, ret), err);
}

bool json_read_object(JsonReader *r, CvkErr *err) {
    return tell(r, enter(r, JSON_TYPE_OBJECT), err);
}

bool json_read_array(JsonReader *r, CvkErr *err) {
    return tell(r, enter(r, JSON_TYPE_ARRAY), err);
}

bool json_read_key(JsonReader *r, const char **ret_key, CvkErr *err) {
    return tell(r, key(r, ret_key), err);
}

bool json_read_more(JsonReader *r, bool *ret_more, CvkErr *err) {
    return tell(r, next_item(r, false, ret_more), err);
}

bool json_read_string(JsonReader *r, const char **ret, size_t *ret_n, CvkErr *err) {
    return tell(r, begin(r, JSON_TYPE_STRING) && json_take_string(r, ret, ret_n) && value_done(r),
                err);
}

bool json_read_number(JsonReader *r, const char **ret, size_t *ret_n, CvkErr *err) {
    return tell(r, begin(r, JSON_TYPE_NUMBER) && json_take_number(r, ret, ret_n) && value_done(r),
                err);
}

/* Digits only; false: another byte, or more than max. */
static bool parse_digits(const char *text, size_t n, uint64_t max, uint64_t *ret) {
    uint64_t v = 0;
    for (size_t i = 0; i < n; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        uint64_t d = (uint64_t)(text[i] - '0');
        if (v > (UINT64_MAX - d) / 10 || v * 10 + d > max)
            return false;
        v = v * 10 + d;
    }
    *ret = v;
    return true;
}

bool json_read_uint(JsonReader *r, uint64_t max, uint64_t *ret, CvkErr *err) {
    const char *text;
    size_t n;
    if (!json_read_number(r, &text, &n, err))
        return false;
    return parse_digits(text, n, max, ret) ||
           json_read_fail(r, err, CVK_EBADREQ, "json.type", "expected an integer from 0 to %llu",
                          (unsigned long long)max);
}

bool json_read_int(JsonReader *r, int64_t *ret, CvkErr *err) {
    const char *text;
    size_t n;
    if (!json_read_number(r, &text, &n, err))
        return false;
    size_t minus = text[0] == '-';
    uint64_t v;
    if (!parse_digits(text + minus, n - minus, (uint64_t)INT64_MAX + minus, &v))
        return json_read_fail(r, err, CVK_EBADREQ, "json.type", "expected an integer of 64 bits");
    if (minus == 0)
        *ret = (int64_t)v;
    else
        *ret = v == 0 ? 0 : -(int64_t)(v - 1) - 1; /* the smallest one has no positive twin */
    return true;
}

bool json_read_bool(JsonReader *r, bool *ret, CvkErr *err) {
    if (!begin(r, JSON_TYPE_BOOL))
        return tell(r, false, err);
    bool is_true = r->data[r->at] == 't';
    if (!literal(r, is_true ? "true" : "false"))
        return tell(r, false, err);
    *ret = is_true;
    return true;
}

bool json_read_null(JsonReader *r, CvkErr *err) {
    return tell(r, begin(r, JSON_TYPE_NULL) && literal(r, "null"), err);
}

bool json_read_skip(JsonReader *r, CvkErr *err) {
    unsigned floor = r->depth;
    bool ok;
    do
        ok = skip_step(r);
    while (ok && r->depth > floor);
    return tell(r, ok, err);
}

bool json_read_end(JsonReader *r, CvkErr *err) {
    if (r->failed)
        return tell(r, false, err);
    assert(r->want == JSON_WANT_END);
    int c = json_next_token(r);
    if (c == JSON_AT_END && !r->failed)
        return true;
    return tell(r, json_unexpected(r, "the end of the document"), err);
}
