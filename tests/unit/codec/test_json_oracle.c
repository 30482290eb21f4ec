/* The property: on random documents and broken ones our reader and jansson agree; what our writer
 * writes, jansson reads and prints alike. */
#include "base/rng.h"
#include "codec/json_write.h"
#include "support/test.h"

#include "support/json_oracle.h"

#include <jansson.h>

enum { DOCUMENTS = 4000, ROOM = 8192 };

/* Deterministic choices: each document has a label of its own, so that a failure can be repeated.
 */
typedef struct {
    uint8_t bytes[2048];
    size_t at;
} Dice;

static void dice_init(Dice *d, uint64_t label) {
    static const uint8_t seed[CVK_SEED_BYTES] = "json oracle";
    cvk_stream(seed, label, d->bytes, sizeof d->bytes);
    d->at = 0;
}

static unsigned roll(Dice *d, unsigned sides) {
    unsigned v = d->bytes[d->at % sizeof d->bytes];
    d->at++;
    return v % sides;
}

typedef struct {
    char data[ROOM];
    size_t n;
} Text;

static void add(Text *t, const char *s) {
    size_t n = strlen(s);
    if (n < ROOM - t->n) {
        memcpy(t->data + t->n, s, n);
        t->n += n;
    }
}

static const char *const strings[] = {
    "\"\"",
    "\"a\"",
    "\"key\"",
    "\"longer text, 0123456789\"",
    "\"\\u0041\"",
    "\"\\n\\\"\\\\\"",
    "\"\xc3\xa9\"",
    "\"\xf0\x9f\x98\x80\"",
    "\"\\ud83d\\ude00\"",
    "\"\\u20AC\"",
    "\"\\/\"",
    "\"\x7f \"",
};
static const char *const scalars[] = {
    "0",
    "1",
    "-1",
    "12345",
    "-0",
    "1.5",
    "-2.25e3",
    "1E-2",
    "9223372036854775807",
    "true",
    "false",
    "null",
    "1e999",
    "9223372036854775808",
    "-9223372036854775808",
    "0.1e+1",
};
static const char *const spaces[] = {"", "", "", " ", "\n", "\t ", "\r\n"};

#define PICK(d, list) list[roll(d, sizeof(list) / sizeof *(list))]

static void add_value(Text *t, Dice *d, unsigned depth) {
    unsigned kind = roll(d, depth < 5 ? 5 : 2);
    add(t, PICK(d, spaces));
    if (kind < 2) {
        add(t, kind == 0 ? PICK(d, strings) : PICK(d, scalars));
    } else {
        bool object = kind == 2;
        add(t, object ? "{" : "[");
        for (unsigned i = 0, n = roll(d, 4); i < n; i++) {
            add(t, i == 0 ? "" : ",");
            if (object) {
                add(t, PICK(d, strings));
                add(t, PICK(d, spaces));
                add(t, ":");
            }
            add_value(t, d, depth + 1);
        }
        add(t, object ? "}" : "]");
    }
    add(t, PICK(d, spaces));
}

/* One byte changed, taken away, or put in: mostly ones that mean something. */
static void break_somewhere(Text *t, Dice *d) {
    static const char meaning[] = "{}[],:\"\\0123456789eE+-.tfnu \n\x80\xc3\xed\xff\x1f";
    size_t at = (roll(d, 256) * 256u + roll(d, 256)) % (t->n + 1);
    char c = meaning[roll(d, sizeof meaning)];
    switch (roll(d, 3)) {
    case 0:
        if (at < t->n)
            t->data[at] = c;
        break;
    case 1:
        if (at < t->n)
            memmove(t->data + at, t->data + at + 1, --t->n - at);
        break;
    default:
        if (t->n < ROOM) {
            memmove(t->data + at + 1, t->data + at, t->n++ - at);
            t->data[at] = c;
        }
    }
}

static void the_reader_agrees_with_jansson(void **state) {
    (void)state;
    static Text text;
    size_t accepted = 0;
    for (uint64_t label = 0; label < DOCUMENTS; label++) {
        Dice dice;
        dice_init(&dice, label);
        text.n = 0;
        add_value(&text, &dice, 0);
        for (unsigned i = 0, n = label % 2 == 0 ? 0 : 1 + roll(&dice, 3); i < n; i++)
            break_somewhere(&text, &dice);

        JsonJudgement j = json_oracle(text.data, text.n, 1 + roll(&dice, 7));

        if (j.complaint != NULL)
            print_error("document %u: %s: %.*s\n", (unsigned)label, j.complaint, (int)text.n,
                        text.data);
        assert_null(j.complaint);
        accepted += j.accepted;
    }
    assert_true(accepted > DOCUMENTS / 2); /* both kinds were really met */
    assert_true(accepted < DOCUMENTS * 9 / 10);
}

/* jansson's value through our writer. Recursive: add_value bounds the depth. */
static void write_value(JsonWriter *w, json_t *v) {
    size_t i;
    const char *key;
    json_t *item;
    switch (json_typeof(v)) {
    case JSON_OBJECT:
        json_object_begin(w);
        json_object_foreach(v, key, item) {
            json_put_key(w, key);
            write_value(w, item);
        }
        json_object_end(w);
        break;
    case JSON_ARRAY:
        json_array_begin(w);
        json_array_foreach(v, i, item) write_value(w, item);
        json_array_end(w);
        break;
    case JSON_STRING:
        json_put_strn(w, json_string_value(v), json_string_length(v));
        break;
    case JSON_INTEGER:
        json_put_int(w, json_integer_value(v));
        break;
    case JSON_REAL: /* ours writes no reals */
        json_put_int(w, 7);
        break;
    case JSON_TRUE:
    case JSON_FALSE:
        json_put_bool(w, json_is_true(v));
        break;
    case JSON_NULL:
        json_put_null(w);
        break;
    }
}

static void the_writer_agrees_with_jansson(void **state) {
    (void)state;
    static Text text;
    size_t written = 0;
    for (uint64_t label = 0; label < DOCUMENTS; label++) {
        Dice dice;
        dice_init(&dice, label);
        text.n = 0;
        add_value(&text, &dice, 0);
        json_t *value = json_loadb(text.data, text.n, JSON_DECODE_ANY, NULL);
        if (value == NULL) /* numbers out of range */
            continue;
        unsigned indent = (unsigned)label % 5;
        CvkBuf out = CVK_BUF(1 << 20);
        JsonWriter w = JSON_WRITER(json_to_buf(&out), indent);

        write_value(&w, value);
        assert_true(json_finish(&w, NULL));

        json_t *again = json_loadb(out.data, out.n, JSON_DECODE_ANY, NULL);
        char *theirs =
            json_dumps(again, JSON_ENCODE_ANY | (indent == 0 ? JSON_COMPACT : JSON_INDENT(indent)));
        assert_non_null(theirs);
        assert_string_equal(out.data, theirs);
        written++;
        free(theirs);
        json_decref(again);
        json_decref(value);
        cvk_buf_done(&out);
    }
    assert_true(written > DOCUMENTS / 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(the_reader_agrees_with_jansson),
        TEST(the_writer_agrees_with_jansson),
    };
    return cmocka_run_group_tests_name("codec/json_oracle", tests, NULL, NULL);
}
