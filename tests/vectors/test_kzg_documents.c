/* The documents of real and small ceremonies come back byte for byte. */
#include "base/hex.h"
#include "base/sha256.h"
#include "format/kzg_form.h"
#include "support/test.h"

#include "support/gunzip.h"
#include "support/mini.h"

enum { ROOM = 16 << 20 };

static void assert_bytes(const CvkBuf *text, size_t n, const char *sha256) {
    uint8_t digest[SHA256_BYTES];
    char hex[2 * SHA256_BYTES + 1];
    cvk_sha256(text->data, text->n, digest);
    cvk_hex_encode(digest, sizeof digest, hex);
    assert_int_equal(text->n, n);
    assert_string_equal(hex, sha256);
}

static KzgWire *read_shared(const char *name) {
    FILE *stream = gunzip_shared(name);
    KzgWire *w = NULL;
    CvkErr err = {.msg = "no error"};
    if (!kzg_contribution_read(json_from_file(stream), ROOM, &w, &err))
        fail_msg("%s: %s", name, err.msg);
    assert_int_equal(pclose(stream), 0);
    return w;
}

static void the_public_contribution_comes_back(void **state) {
    (void)state;
    KzgWire *w = read_shared("fixtures/kzg/public/updatedContribution.json.gz");
    CvkBuf text = CVK_BUF(ROOM);

    assert_true(kzg_contribution_write(json_to_buf(&text), w, 2, KZG_JSON_SIGNATURES, NULL));

    assert_bytes(&text, 6937413,
                 "a3628c79f77ce39f2fa500b0c3582ea5c70b2cdd15efb48576d8eace2866d3f5");
    cvk_buf_done(&text);
    kzg_wire_free(w);
}

#define INITIAL_SHA256 "b09e6116cd151bcbcae7f81fe87d891e2b22a80666076a6241850ba43529bc53"

static void the_public_initial_file_comes_back(void **state) {
    (void)state;
    KzgWire *w = read_shared("fixtures/kzg/public/initialContribution.json.gz");
    CvkBuf text = CVK_BUF(ROOM);

    assert_true(kzg_contribution_write(json_to_buf(&text), w, 4, KZG_JSON_BARE, NULL));

    assert_bytes(&text, 7554177, INITIAL_SHA256);
    cvk_buf_done(&text);
    kzg_wire_free(w);
}

static void the_public_initial_file_can_be_made(void **state) {
    (void)state;
    KzgWire *w = kzg_wire_initial(&KZG_SIZES_ETHEREUM, NULL);
    CvkBuf text = CVK_BUF(ROOM);

    assert_true(kzg_contribution_write(json_to_buf(&text), w, 4, KZG_JSON_BARE, NULL));

    assert_bytes(&text, 7554177, INITIAL_SHA256);
    cvk_buf_done(&text);
    kzg_wire_free(w);
}

static KzgWire *read_contribution(const char *text, CvkErr *err) {
    JsonMemory m = {.data = text, .n = strlen(text)};
    KzgWire *w = NULL;
    return kzg_contribution_read(json_from_memory(&m), m.n, &w, err) ? w : NULL;
}

static void assert_contribution_comes_back(json_t *document, unsigned indent) {
    char *text = mini_text(document, indent);
    CvkBuf out = CVK_BUF(ROOM);
    KzgWire *w = read_contribution(text, NULL);
    assert_non_null(w);

    assert_true(kzg_contribution_write(json_to_buf(&out), w, indent, KZG_JSON_SIGNATURES, NULL));

    assert_string_equal(out.data, text);
    kzg_wire_free(w);
    cvk_buf_done(&out);
    free(text);
}

static void the_small_contributions_come_back(void **state) {
    (void)state;
    static const char *const names[] = {"base_0", "contribution_A", "base_1", "contribution_B"};
    json_t *all = mini_load();
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        assert_contribution_comes_back(json_object_get(all, names[i]), 2);
        assert_contribution_comes_back(json_object_get(all, names[i]), 0);
    }
    json_decref(all);
}

static void the_next_challenge_is_made_of_a_contribution(void **state) {
    (void)state;
    json_t *all = mini_load();
    char *text = mini_text(json_object_get(all, "contribution_A"), 0);
    char *expected = mini_text(json_object_get(all, "base_1"), 0);
    CvkBuf out = CVK_BUF(ROOM);
    KzgWire *w = read_contribution(text, NULL);
    assert_non_null(w);

    assert_true(kzg_challenge_write(json_to_buf(&out), w, 0, NULL));

    assert_string_equal(out.data, expected);
    kzg_wire_free(w);
    cvk_buf_done(&out);
    free(text);
    free(expected);
    json_decref(all);
}

static void assert_transcript_comes_back(json_t *document) {
    char *text = mini_text(document, 2);
    JsonMemory m = {.data = text, .n = strlen(text)};
    CvkBuf out = CVK_BUF(ROOM);
    KzgTranscriptWire *t = NULL;
    assert_true(kzg_transcript_read(json_from_memory(&m), m.n, &t, NULL));

    assert_true(kzg_transcript_write(json_to_buf(&out), t, 2, NULL));

    assert_string_equal(out.data, text);
    kzg_transcript_wire_free(t);
    cvk_buf_done(&out);
    free(text);
}

static void the_small_transcripts_come_back(void **state) {
    (void)state;
    json_t *all = mini_load();
    assert_transcript_comes_back(json_object_get(all, "transcript_0"));
    assert_transcript_comes_back(json_object_get(all, "transcript_1"));
    assert_transcript_comes_back(json_object_get(all, "transcript_2"));
    json_decref(all);
}

/* Of the negative cases those answered with 422 are malformed, all others are documents. */
static void malformed_cases_get_their_texts(void **state) {
    (void)state;
    json_t *all = mini_load(), *item;
    size_t i, refused = 0;
    json_array_foreach(json_object_get(all, "negative_and_edge_cases"), i, item) {
        char *text = mini_text(json_object_get(item, "contribution"), 0);
        const char *name = fixture_text(item, "name");
        bool malformed = json_integer_value(json_object_get(item, "http")) == 422;
        CvkErr err = {.msg = "no error"};

        KzgWire *w = read_contribution(text, &err);

        if ((w == NULL) != malformed)
            fail_msg("%s: %s", name, err.msg);
        if (malformed && strstr(err.msg, fixture_text(item, "error")) == NULL)
            fail_msg("%s: the text is: %s", name, err.msg);
        refused += malformed;
        kzg_wire_free(w);
        free(text);
    }
    assert_int_equal(refused, 5);
    json_decref(all);
}

/* The size of Ethereum's ceremony: half of its JSON, which comes back through it. */
static void the_public_contribution_comes_back_from_binary(void **state) {
    (void)state;
    KzgWire *w = read_shared("fixtures/kzg/public/updatedContribution.json.gz");
    CvkBuf binary = CVK_BUF(ROOM), text = CVK_BUF(ROOM);

    assert_true(kzg_binary_write(json_to_buf(&binary), w, NULL));

    JsonMemory m = {.data = binary.data, .n = binary.n};
    KzgWire *back;
    assert_true(kzg_form_read(json_from_memory(&m), binary.n, &back, NULL));
    assert_true(kzg_contribution_write(json_to_buf(&text), back, 2, KZG_JSON_SIGNATURES, NULL));
    assert_bytes(&text, 6937413,
                 "a3628c79f77ce39f2fa500b0c3582ea5c70b2cdd15efb48576d8eace2866d3f5");
    size_t signatures = (size_t)(w->ecdsa.present ? 65 : 0);
    for (size_t i = 0; i < w->n; i++)
        signatures += w->subs[i].bls.present ? 48 : 0;
    assert_int_equal(binary.n, 10 + 4 * 9 + 61440 * 48 + 260 * 96 + 4 * 96 + signatures);
    cvk_buf_done(&binary);
    cvk_buf_done(&text);
    kzg_wire_free(w);
    kzg_wire_free(back);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(the_public_contribution_comes_back),
        TEST(the_public_contribution_comes_back_from_binary),
        TEST(the_public_initial_file_comes_back),
        TEST(the_public_initial_file_can_be_made),
        TEST(the_small_contributions_come_back),
        TEST(the_next_challenge_is_made_of_a_contribution),
        TEST(the_small_transcripts_come_back),
        TEST(malformed_cases_get_their_texts),
    };
    return cmocka_run_group_tests_name("vectors/kzg_documents", tests, NULL, NULL);
}
