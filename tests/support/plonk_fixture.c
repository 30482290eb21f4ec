#include "support/test.h"

#include "support/plonk_fixture.h"
#include "support/shared.h"

#include "codec/decimal.h"
#include "format/plonk_vkey.h"

#include <jansson.h>

#define NAME "fixtures/market/"
#define G2_NUMBERS 4 /* x.c0, x.c1, y.c0, y.c1 */

struct PlonkFixture {
    json_t *doc;
};

PlonkFixture *plonk_fixture_open(const char *name) {
    char file[64], path[4096];
    snprintf(file, sizeof file, NAME "%s", name);
    shared_path(path, sizeof path, file);
    PlonkFixture *f = calloc(1, sizeof *f);
    assert_non_null(f);
    f->doc = json_load_file(path, 0, NULL);
    assert_non_null(f->doc);
    return f;
}

PlonkFixture *plonk_fixture_free(PlonkFixture *f) {
    if (f != NULL)
        json_decref(f->doc);
    free(f);
    return NULL;
}

static unsigned digit_of(char c) {
    return c <= '9' ? (unsigned)(c - '0') : (unsigned)(c - 'a') + 10;
}

/* Hexadecimal digits without zeros in front, after "0x"; or decimal ones. */
static void number(const json_t *value, uint8_t ret_be[32]) {
    const char *text = json_string_value(value);
    assert_non_null(text);
    if (strncmp(text, "0x", 2) != 0) {
        assert_true(decimal_parse(text, strlen(text), ret_be, 32));
        return;
    }
    size_t n = strlen(text += 2);
    assert_true(n <= 64);
    memset(ret_be, 0, 32);
    for (size_t i = 0; i < n; i++) {
        size_t nibble = n - 1 - i; /* from the last one */
        ret_be[31 - nibble / 2] |= (uint8_t)(digit_of(text[i]) << (nibble % 2 * 4));
    }
}

void plonk_fixture_number(const PlonkFixture *f, const char *object, const char *name,
                          uint8_t ret_be[32]) {
    const json_t *from = object != NULL ? json_object_get(f->doc, object) : f->doc;
    number(json_object_get(from, name), ret_be);
}

void plonk_fixture_word(const PlonkFixture *f, size_t i, uint8_t ret_be[32]) {
    number(json_array_get(json_object_get(f->doc, "proof_words"), i), ret_be);
}

/* ---- the proof's file ---- */

/* Runs of words that follow each other: the first one's place, the distance from each to the next
 * (65 bytes are a point: its x, its y and a flag). */
static const struct {
    size_t first, n, at;
    bool points;
} runs[] = {
    {0, 8, 184, true},    {8, 2, 452, true},    {10, 2, 518, true},   {12, 2, 584, true},
    {14, 8, 657, true},   {22, 4, 925, false},  {26, 1, 1077, false}, {27, 1, 1149, false},
    {28, 3, 1189, false}, {31, 1, 1285, false}, {32, 1, 1318, false}, {33, 1, 1351, false},
    {34, 1, 1384, false}, {35, 1, 1417, false}, {36, 1, 1450, false}, {37, 1, 1483, false},
    {38, 1, 1515, false}, {39, 1, 1547, false}, {40, 4, 1579, true},
};

size_t plonk_fixture_place(size_t i) {
    for (size_t r = 0; r < sizeof runs / sizeof *runs; r++) {
        size_t within = i - runs[r].first;
        if (i >= runs[r].first && within < runs[r].n)
            return runs[r].at + (runs[r].points ? within / 2 * 65 + within % 2 * 32 : within * 32);
    }
    fail_msg("there is no word %zu", i);
    return 0;
}

/* The numbers that are no values, and the flags that are 1. */
static const struct {
    size_t at;
    uint64_t value;
} lengths[] = {{128, (1 << 24) - 1},
               {136, 1},
               {176, 4},
               {649, 4},
               {917, 4},
               {1053, 1},
               {1061, 1},
               {1069, 3},
               {1133, 1},
               {1181, 3},
               {1709, 6}};
static const size_t there[] = {517, 583, 1317, 1350, 1383, 1416, 1449, 1482};

static void put_reversed(const uint8_t be[32], uint8_t *ret) {
    for (size_t i = 0; i < 32; i++)
        ret[i] = be[31 - i];
}

void plonk_fixture_proof(const PlonkFixture *f, uint8_t ret[PLONK_EXAMPLE_BYTES]) {
    uint8_t be[32];
    memset(ret, 0, PLONK_EXAMPLE_BYTES);
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
        for (size_t b = 0; b < 8; b++)
            ret[lengths[i].at + b] = (uint8_t)(lengths[i].value >> 8 * b);
    for (size_t i = 0; i < sizeof there / sizeof *there; i++)
        ret[there[i]] = 1;
    plonk_fixture_number(f, NULL, "public_input", be);
    put_reversed(be, ret + PLONK_INPUT_PLACE);
    for (size_t i = 0; i < PLONK_PROOF_WORDS; i++) {
        plonk_fixture_word(f, i, be);
        put_reversed(be, ret + plonk_fixture_place(i));
    }
    memcpy(ret + PLONK_EXAMPLE_BYTES - 6, "0.24.2", 6);
}

void plonk_example_bytes(uint8_t ret[PLONK_EXAMPLE_BYTES]) {
    char path[4096];
    shared_path(path, sizeof path, NAME "example-proof.bin");
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    assert_int_equal(fread(ret, 1, PLONK_EXAMPLE_BYTES, file), PLONK_EXAMPLE_BYTES);
    fclose(file);
}

/* ---- the key's file ---- */

/* Four 64-bit numbers, which a double could not hold. */
static json_t *limbs(const uint8_t be[32]) {
    json_t *ret = json_array();
    for (size_t i = 0; i < 4; i++) {
        char text[32];
        uint64_t limb = 0;
        for (size_t b = 0; b < 8; b++)
            limb = limb << 8 | be[(3 - i) * 8 + b];
        snprintf(text, sizeof text, "@%llu@", (unsigned long long)limb);
        json_array_append_new(ret, json_string(text));
    }
    return ret;
}

static json_t *g1(const PlonkFixture *f, const char *name) {
    uint8_t x[32], y[32];
    char slot[64];
    snprintf(slot, sizeof slot, "VK_%s_X_SLOT", name);
    plonk_fixture_number(f, "vk", slot, x);
    snprintf(slot, sizeof slot, "VK_%s_Y_SLOT", name);
    plonk_fixture_number(f, "vk", slot, y);
    return json_pack("{s:o, s:o, s:b}", "x", limbs(x), "y", limbs(y), "infinity", 0);
}

static json_t *g1_list(const PlonkFixture *f, const char *name, size_t n) {
    json_t *ret = json_array();
    for (size_t i = 0; i < n; i++) {
        char numbered[64];
        snprintf(numbered, sizeof numbered, "%s_%zu", name, i);
        json_array_append_new(ret, g1(f, numbered));
    }
    return ret;
}

/* The same for all of the project's keys, and given with one fixture only. */
static json_t *g2_list(void) {
    PlonkFixture *f = plonk_fixture_open(PLONK_EXAMPLE);
    json_t *ret = json_array();
    for (size_t i = 0; i < 2; i++) {
        json_t *part[G2_NUMBERS];
        for (size_t j = 0; j < G2_NUMBERS; j++) {
            uint8_t be[32];
            number(json_array_get(json_array_get(json_object_get(f->doc, "g2"), i), j), be);
            part[j] = limbs(be);
        }
        json_array_append_new(ret, json_pack("{s:{s:o, s:o}, s:{s:o, s:o}, s:b}", "x", "c0",
                                             part[0], "c1", part[1], "y", "c0", part[2], "c1",
                                             part[3], "infinity", 0));
    }
    plonk_fixture_free(f);
    return ret;
}

static json_t *factor(unsigned v) {
    uint8_t be[32] = {[31] = (uint8_t)v};
    return limbs(be);
}

/* Jansson's integers have a sign: numbers are written as "@text@" and the quotes taken off here. */
static void unquote(char *text) {
    char *to = text;
    for (const char *from = text; *from != '\0'; from++)
        if (strncmp(from, "\"@", 2) == 0 || strncmp(from, "@\"", 2) == 0)
            from++;
        else
            *to++ = *from;
    *to = '\0';
}

char *plonk_fixture_key(const PlonkFixture *f) {
    json_t *key = json_pack(
        "{s:i, s:i, s:i, s:i, s:o, s:o, s:o, s:i, s:o, s:o, s:o, s:[o, o, o], s:o}", "n",
        (1 << 24) - 1, "num_inputs", 1, "state_width", 4, "num_witness_polys", 0,
        "gate_setup_commitments", g1_list(f, "GATE_SETUP", 8), "gate_selectors_commitments",
        g1_list(f, "GATE_SELECTORS", 2), "permutation_commitments", g1_list(f, "PERMUTATION", 4),
        "total_lookup_entries_length", 1787472, "lookup_selector_commitment",
        g1(f, "LOOKUP_SELECTOR"), "lookup_tables_commitments", g1_list(f, "LOOKUP_TABLE", 4),
        "lookup_table_type_commitment", g1(f, "LOOKUP_TABLE_TYPE"), "non_residues", factor(5),
        factor(7), factor(10), "g2_elements", g2_list());
    assert_non_null(key);
    char *text = json_dumps(key, JSON_COMPACT);
    assert_non_null(text);
    json_decref(key);
    unquote(text);
    return text;
}

PlonkKey plonk_fixture_key_read(const char *text) {
    JsonMemory m = {.data = text, .n = strlen(text)};
    PlonkKey key;
    CvkErr err;
    JsonReader *r = json_reader_new(json_from_memory(&m), m.n, &err);
    assert_non_null(r);
    if (!plonk_vkey_read(r, &key, &err) || !json_read_end(r, &err))
        fail_msg("%s", err.msg);
    json_reader_free(r);
    return key;
}
