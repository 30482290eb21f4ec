#include "format/decimal_point.h"

#include "codec/decimal.h"

#include <string.h>

bool decimal_read(JsonReader *r, uint8_t *ret_be, size_t bytes, CvkErr *err) {
    const char *text;
    size_t n;
    if (!json_read_string(r, &text, &n, err))
        return false;
    return decimal_parse(text, n, ret_be, bytes) ||
           json_read_fail(r, err, CVK_EBADREQ, "decimal.number",
                          "a number is written in decimal digits, and below 2^%zu", 8 * bytes);
}

static bool no_more(JsonReader *r, CvkErr *err) {
    bool more;
    return json_read_more(r, &more, err) &&
           (!more || json_read_fail(r, err, CVK_EBADREQ, "json.type", "one number too many"));
}

static bool next(JsonReader *r, CvkErr *err) {
    bool more;
    return json_read_more(r, &more, err) &&
           (more || json_read_fail(r, err, CVK_EBADREQ, "json.type", "a number is missing"));
}

/* ["..", ..] of n numbers. */
static bool read_numbers(JsonReader *r, uint8_t (*ret)[DECIMAL_COORDINATE], size_t n, CvkErr *err) {
    bool ok = json_read_array(r, err);
    for (size_t i = 0; ok && i < n; i++)
        ok = next(r, err) && decimal_read(r, ret[i], DECIMAL_COORDINATE, err);
    return ok && no_more(r, err);
}

bool decimal_point_read_g1(JsonReader *r, DecimalPoint *ret, CvkErr *err) {
    memset(ret, 0, sizeof *ret);
    return read_numbers(r, ret->c, 3, err);
}

bool decimal_point_read_g2(JsonReader *r, DecimalPoint *ret, CvkErr *err) {
    bool ok = json_read_array(r, err);
    for (size_t i = 0; ok && i < 3; i++)
        ok = next(r, err) && read_numbers(r, ret->c + 2 * i, 2, err);
    return ok && no_more(r, err);
}

static bool is_number(const uint8_t c[DECIMAL_COORDINATE], uint8_t value) {
    static const uint8_t zero[DECIMAL_COORDINATE - 1];
    return memcmp(c, zero, sizeof zero) == 0 && c[sizeof zero] == value;
}

/* Is coordinate `which` (x, y, z) the whole number `value`? */
static bool is_value(const DecimalPoint *p, unsigned which, size_t parts, uint8_t value) {
    return is_number(p->c[which * parts], value) &&
           (parts == 1 || is_number(p->c[which * parts + 1], 0));
}

/* How many numbers a coordinate has, and how many bytes each. */
static size_t parts_of(const Group *g, size_t *ret_bytes) {
    size_t coordinate = form_bytes(g, FORM_UNCOMPRESSED) / 2;
    size_t parts = coordinate > DECIMAL_COORDINATE ? 2 : 1;
    *ret_bytes = coordinate / parts;
    return parts;
}

/* The bits that FORM_UNCOMPRESSED has for flags: no coordinate below a prime has them, and a number
 * that has them would be read as something else. */
#define FLAGS 0xc0

static const char too_large[] = "has a coordinate that is not below the field's prime";

const char *decimal_point_bytes(const DecimalPoint *p, const Group *g, uint8_t *ret) {
    static const uint8_t zero[DECIMAL_COORDINATE];
    size_t bytes, parts = parts_of(g, &bytes);
    if (is_value(p, 0, parts, 0) && is_value(p, 1, parts, 1) && is_value(p, 2, parts, 0)) {
        memset(ret, 0, form_bytes(g, FORM_UNCOMPRESSED)); /* as infinity is written there */
        return NULL;
    }
    if (!is_value(p, 2, parts, 1))
        return "is not written with 1 as its last coordinate";
    if (is_value(p, 0, parts, 0) && is_value(p, 1, parts, 0))
        return point_fault_text(POINT_NOT_ON_CURVE); /* its bytes would mean infinity */
    for (size_t i = 0; i < 2 * parts; i++) {
        /* c1 stands before c0 */
        const uint8_t *from = p->c[parts == 1 ? i : i ^ 1];
        size_t above = DECIMAL_COORDINATE - bytes;
        if (memcmp(from, zero, above) != 0 || (from[above] & FLAGS) != 0)
            return too_large;
        memcpy(ret + i * bytes, from + above, bytes);
    }
    return NULL;
}

const char *decimal_point_element(const DecimalPoint *p, const Group *g, bool infinity,
                                  Element *ret) {
    const PointReading reading = {.form = FORM_UNCOMPRESSED, .infinity = infinity};
    uint8_t bytes[FORM_BYTES_MAX];
    const char *why = decimal_point_bytes(p, g, bytes);
    if (why != NULL)
        return why;
    PointFault fault = element_read(g, reading, bytes, ret);
    if (fault == POINT_X_TOO_LARGE)
        return too_large;
    return fault == POINT_OK ? NULL : point_fault_text(fault);
}

void decimal_put(JsonWriter *w, const uint8_t *be, size_t bytes) {
    char text[DECIMAL_TEXT_MAX];
    decimal_text(be, bytes, text);
    json_put_str(w, text);
}

/* One coordinate: its parts stand in reverse. NULL: a small number. */
static void put_coordinate(JsonWriter *w, const uint8_t *be, unsigned value, size_t parts,
                           size_t bytes) {
    if (parts > 1)
        json_array_begin(w);
    for (size_t i = 0; i < parts; i++) {
        if (be != NULL)
            decimal_put(w, be + (parts - 1 - i) * bytes, bytes);
        else
            json_put_str(w, i == 0 && value == 1 ? "1" : "0");
    }
    if (parts > 1)
        json_array_end(w);
}

void decimal_point_write(JsonWriter *w, const Element *e) {
    size_t bytes, parts = parts_of(e->group, &bytes);
    bool infinity = element_is_infinity(e);
    uint8_t xy[FORM_BYTES_MAX];
    element_write(e, FORM_UNCOMPRESSED, xy);
    json_array_begin(w);
    put_coordinate(w, infinity ? NULL : xy, 0, parts, bytes);
    put_coordinate(w, infinity ? NULL : xy + parts * bytes, 1, parts, bytes);
    put_coordinate(w, NULL, infinity ? 0 : 1, parts, bytes);
    json_array_end(w);
}
