/* What is refused, and with which words: one small contribution, changed at one place each time. */
#include "format/kzg_json.h"
#include "support/test.h"

#include "support/chunks.h"

#define G1                                                                                         \
    "0x97f1d3a73197d7942695638c4fa9ac0fc3688c4f9774b905a14e3a3f171bac586c55e83ff97a1aeffb3af00adb" \
    "22c6bb"
#define G2                                                                                         \
    "0x93e02b6052719f607dacd3a088274f65596bd0d09920b61ab5da61bbdc7f5049334cf11213945d57e5ac7d055d" \
    "042b7e024aa2b2f08f0a91260805272dc51051c6e47ad4fa403b02b4510b647ae3d1770bac0326a805bbefd48056" \
    "c8c121bdb8"
#define POWERS "\"powersOfTau\":{\"G1Powers\":[\"" G1 "\",\"" G1 "\"],\"G2Powers\":[\"" G2 "\"]}"
#define HEAD "\"numG1Powers\":2,\"numG2Powers\":1," POWERS
#define SUB "{" HEAD ",\"potPubkey\":\"" G2 "\",\"blsSignature\":\"\"}"
#define BATCH "{\"contributions\":[" SUB "],\"ecdsaSignature\":\"\"}"
#define WITNESS                                                                                    \
    "\"witness\":{\"runningProducts\":[\"" G1 "\"],\"potPubkeys\":[\"" G2                          \
    "\"],\"blsSignatures\":[\"\"]}"
#define TRANSCRIPT                                                                                 \
    "{\"transcripts\":[{" HEAD "," WITNESS                                                         \
    "}],\"participantIds\":[\"\"],\"participantEcdsaSignatures\":[\"\"]}"

static bool read_batch(const char *text, KzgWire **ret, CvkErr *err) {
    Chunks c = {.data = text, .n = strlen(text), .piece = 7};
    return kzg_contribution_read((JsonSource){chunks_read, &c}, c.n, ret, err);
}

static bool read_transcript(const char *text, KzgTranscriptWire **ret, CvkErr *err) {
    Chunks c = {.data = text, .n = strlen(text), .piece = 7};
    return kzg_transcript_read((JsonSource){chunks_read, &c}, c.n, ret, err);
}

/* `text` with the first `from` become `to`. The caller frees. */
static char *changed(const char *text, const char *from, const char *to) {
    const char *at = strstr(text, from);
    assert_non_null(at);
    size_t room = strlen(text) + strlen(to) + 1;
    char *out = malloc(room);
    assert_non_null(out);
    snprintf(out, room, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
    return out;
}

static void assert_batch_refused(const char *from, const char *to, const char *id,
                                 const char *text) {
    char *document = changed(BATCH, from, to);
    KzgWire *w = NULL;
    CvkErr err = {.id = "", .msg = "no error"};

    bool ok = read_batch(document, &w, &err);

    if (ok || strcmp(err.id, id) != 0 || strstr(err.msg, text) == NULL)
        fail_msg("%s -> %s: %s %s", from, to, err.id, err.msg);
    assert_null(w);
    free(document);
}

static KzgWire *assert_batch_read(const char *from, const char *to) {
    char *document = changed(BATCH, from, to);
    KzgWire *w = NULL;
    CvkErr err;
    if (!read_batch(document, &w, &err))
        fail_msg("%s -> %s: %s", from, to, err.msg);
    free(document);
    return w;
}

static void a_contribution_is_read(void **state) {
    (void)state;

    KzgWire *w = assert_batch_read("\"blsSignature\":\"\"", "\"blsSignature\":\"" G1 "\"");

    assert_int_equal(w->n, 1);
    assert_int_equal(w->subs[0].powers.n_g1, 2);
    assert_int_equal(w->subs[0].powers.n_g2, 1);
    assert_memory_equal(w->subs[0].powers.g1[1], KZG_G1_GENERATOR, KZG_G1_BYTES);
    assert_memory_equal(w->subs[0].powers.g2[0], KZG_G2_GENERATOR, KZG_G2_BYTES);
    assert_memory_equal(w->subs[0].pubkey, KZG_G2_GENERATOR, KZG_G2_BYTES);
    assert_true(w->subs[0].bls.present);
    assert_memory_equal(w->subs[0].bls.bytes, KZG_G1_GENERATOR, KZG_G1_BYTES);
    assert_false(w->ecdsa.present);
    kzg_wire_free(w);
}

static void absent_signatures_have_three_forms(void **state) {
    (void)state;
    static const char *const forms[][2] = {
        {",\"blsSignature\":\"\"", ""},
        {"\"blsSignature\":\"\"", "\"blsSignature\":null"},
        {",\"ecdsaSignature\":\"\"", ""},
        {"\"ecdsaSignature\":\"\"", "\"ecdsaSignature\":null"},
    };
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        KzgWire *w = assert_batch_read(forms[i][0], forms[i][1]);
        assert_false(w->subs[0].bls.present);
        assert_false(w->ecdsa.present);
        kzg_wire_free(w);
    }
}

static void unknown_fields_are_ignored_only_in_a_contribution(void **state) {
    (void)state;
    kzg_wire_free(
        assert_batch_read("\"potPubkey\"", "\"bls_signature\":[{\"a\":1}],\"potPubkey\""));
    assert_batch_refused("\"ecdsaSignature\"", "\"extra\":1,\"ecdsaSignature\"", "doc.field",
                         "unknown field `extra`");
    assert_batch_refused("\"G2Powers\"", "\"extra\":1,\"G2Powers\"", "doc.field",
                         "unknown field `extra`");
}

static void a_field_stands_once(void **state) {
    (void)state;
    assert_batch_refused("\"numG1Powers\":2", "\"numG1Powers\":2,\"numG1Powers\":2", "doc.field",
                         "duplicate field `numG1Powers`");
    assert_batch_refused("\"G1Powers\":", "\"G1Powers\":[],\"G1Powers\":", "doc.field",
                         "duplicate field `G1Powers`");
    assert_batch_refused("{\"contributions\"", "{\"contributions\":[],\"contributions\"",
                         "doc.field", "duplicate field `contributions`");
}

static void needed_fields_must_be_there(void **state) {
    (void)state;
    assert_batch_refused("\"numG1Powers\":2,", "", "doc.field", "missing field `numG1Powers`");
    assert_batch_refused("\"potPubkey\"", "\"pubkey\"", "doc.field", "missing field `potPubkey`");
    assert_batch_refused(BATCH, "{}", "doc.field", "missing field `contributions`");
    assert_batch_refused(POWERS, "\"powersOfTau\":{}", "doc.field", "missing field `G1Powers`");
}

static void counts_are_integers_that_fit(void **state) {
    (void)state;
    assert_batch_refused("\"numG1Powers\":2", "\"numG1Powers\":2.0", "json.type", "integer");
    assert_batch_refused("\"numG1Powers\":2", "\"numG1Powers\":-2", "json.type", "integer");
    assert_batch_refused("\"numG1Powers\":2", "\"numG1Powers\":\"2\"", "json.type", "a number");
    assert_batch_refused("\"numG1Powers\":2", "\"numG1Powers\":3", "doc.count",
                         "Inconsistent number of G1 powers: numG1Powers = 3, len = 2");
    assert_batch_refused("\"numG2Powers\":1", "\"numG2Powers\":18446744073709551615", "doc.count",
                         "Inconsistent number of G2 powers: numG2Powers = 18446744073709551615, "
                         "len = 1");
}

static void points_are_exact_hex(void **state) {
    (void)state;
    assert_batch_refused("0x97f1d3", "0x97f1d", "doc.hex", "input length must equal 98");
    assert_batch_refused("0x93e02b", "0x93e02b00", "doc.hex", "input length must equal 194");
    assert_batch_refused("0x97f1d3", "1x97f1d3", "doc.hex", "hex string must start with `0x`");
    assert_batch_refused("0x97f1d3", "0X97f1d3", "doc.hex", "hex string must start with `0x`");
    assert_batch_refused("0x97f1d3", "0x97F1d3", "doc.hex",
                         "hex string must contain only lower-case hex digits");
    assert_batch_refused("0x97f1d3", "0x97g1d3", "doc.hex",
                         "hex string must contain only lower-case hex digits");
    assert_batch_refused("0x97f1d3",
                         "0x97\xc3\xa9"
                         "d3",
                         "doc.hex", "hex string must contain only lower-case hex digits");
    assert_batch_refused("\"ecdsaSignature\":\"\"", "\"ecdsaSignature\":\"0x00\"", "doc.hex",
                         "input length must equal 132");
    assert_batch_refused("\"" G1 "\"", "7", "json.type", "expected a string, found a number");
}

static void what_is_not_json_is_told_apart(void **state) {
    (void)state;
    assert_batch_refused("{\"contributions\"", "{contributions", "json.syntax", "byte 1");
    assert_batch_refused("\"ecdsaSignature\":\"\"}", "\"ecdsaSignature\":\"\"", "json.syntax", "");
    assert_batch_refused("\"ecdsaSignature\":\"\"}", "\"ecdsaSignature\":\"\"}}", "json.syntax",
                         "");
    assert_batch_refused(BATCH, "", "json.syntax", "found the end");
    assert_batch_refused(BATCH, "[]", "json.type", "expected an object");
}

static void lists_have_limits(void **state) {
    (void)state;
    char many[(LIMIT_KZG_SUBS + 1) * (sizeof SUB) + 64] = "";
    for (size_t i = 0, n = 0; i <= LIMIT_KZG_SUBS; i++)
        n += (size_t)snprintf(many + n, sizeof many - n, "%s%s", i == 0 ? "" : ",", SUB);
    assert_batch_refused(SUB, many, "doc.limit", "more than 16 sub-setups");
}

static void more_powers_than_any_setup_has_are_refused(void **state) {
    (void)state;
    enum { ITEM = sizeof G2 - 1 + 3 }; /* quotes and a comma */
    char *many = malloc((size_t)ITEM * (LIMIT_KZG_G2_POWERS + 1) + 64);
    assert_non_null(many);
    size_t n = (size_t)snprintf(many, 64, "\"G2Powers\":[");
    for (size_t i = 0; i <= LIMIT_KZG_G2_POWERS; i++)
        n += (size_t)snprintf(many + n, ITEM + 1, "%s\"" G2 "\"", i == 0 ? "" : ",");
    assert_batch_refused("\"G2Powers\":[", many, "doc.limit", "a list of more than 4096 items");
    free(many);
}

static void a_document_has_a_limit(void **state) {
    (void)state;
    Chunks c = {.data = BATCH, .n = sizeof BATCH - 1, .piece = 100};
    KzgWire *w = NULL;
    CvkErr err;

    assert_false(kzg_contribution_read((JsonSource){chunks_read, &c}, c.n - 1, &w, &err));

    assert_string_equal(err.id, "json.size");
}

static void a_truncated_document_is_never_read(void **state) {
    (void)state;
    for (size_t n = 0; n < sizeof TRANSCRIPT - 1; n++) {
        Chunks c = {.data = TRANSCRIPT, .n = n, .piece = 64};
        KzgTranscriptWire *t = NULL;
        CvkErr err;

        assert_false(kzg_transcript_read((JsonSource){chunks_read, &c}, 1 << 20, &t, &err));

        assert_string_equal(err.id, "json.syntax");
    }
}

static void a_transcript_is_read(void **state) {
    (void)state;
    KzgTranscriptWire *t = NULL;

    assert_true(read_transcript(TRANSCRIPT, &t, NULL));

    assert_int_equal(t->n, 1);
    assert_int_equal(t->subs[0].powers.n_g1, 2);
    assert_int_equal(t->subs[0].witness.n_products, 1);
    assert_int_equal(t->subs[0].witness.n_pubkeys, 1);
    assert_int_equal(t->subs[0].witness.n_bls, 1);
    assert_false(t->subs[0].witness.bls[0].present);
    assert_int_equal(t->n_ids, 1);
    assert_string_equal(t->ids[0], "");
    assert_int_equal(t->n_ecdsa, 1);
    kzg_transcript_wire_free(t);
}

static void assert_transcript_refused(const char *from, const char *to, const char *id,
                                      const char *text) {
    char *document = changed(TRANSCRIPT, from, to);
    KzgTranscriptWire *t = NULL;
    CvkErr err = {.id = "", .msg = "no error"};

    bool ok = read_transcript(document, &t, &err);

    if (ok || strcmp(err.id, id) != 0 || strstr(err.msg, text) == NULL)
        fail_msg("%s -> %s: %s %s", from, to, err.id, err.msg);
    free(document);
}

static void a_bad_transcript_is_refused(void **state) {
    (void)state;
    char id[LIMIT_IDENTITY + 40];
    snprintf(id, sizeof id, "\"participantIds\":[\"%0*d\"]", LIMIT_IDENTITY + 1, 0);
    assert_transcript_refused("\"participantIds\":[\"\"]", id, "doc.limit", "an identity over 128");
    assert_transcript_refused("\"participantIds\":[\"\"]", "\"participantIds\":[null]", "json.type",
                              "expected a string");
    assert_transcript_refused("\"blsSignatures\"", "\"bls\"", "doc.field", "unknown field `bls`");
    assert_transcript_refused(",\"blsSignatures\":[\"\"]", "", "doc.field",
                              "missing field `blsSignatures`");
    assert_transcript_refused("\"participantIds\":[\"\"],", "", "doc.field",
                              "missing field `participantIds`");
    assert_transcript_refused("\"numG2Powers\":1", "\"numG2Powers\":2", "doc.count",
                              "Inconsistent number of G2 powers: numG2Powers = 2, len = 1");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_contribution_is_read),
        TEST(absent_signatures_have_three_forms),
        TEST(unknown_fields_are_ignored_only_in_a_contribution),
        TEST(a_field_stands_once),
        TEST(needed_fields_must_be_there),
        TEST(counts_are_integers_that_fit),
        TEST(points_are_exact_hex),
        TEST(what_is_not_json_is_told_apart),
        TEST(lists_have_limits),
        TEST(more_powers_than_any_setup_has_are_refused),
        TEST(a_document_has_a_limit),
        TEST(a_truncated_document_is_never_read),
        TEST(a_transcript_is_read),
        TEST(a_bad_transcript_is_refused),
    };
    return cmocka_run_group_tests_name("format/kzg_json", tests, NULL, NULL);
}
