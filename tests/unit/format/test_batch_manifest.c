#include "format/batch_manifest.h"
#include "support/test.h"

static bool read_text(const char *text, BatchManifest *ret, CvkErr *err) {
    JsonMemory memory = {.data = text, .n = strlen(text)};
    return batch_manifest_read(json_from_memory(&memory), ret, err);
}

static void every_field_is_read_and_numbers_stay_as_they_were_written(void **state) {
    (void)state;
    BatchManifest m;
    CvkErr err;

    assert_true(read_text("{\"name\": \"0001\", \"size\": 18446744073709551615, \"sha256\": "
                          "\"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\", "
                          "\"verifier\": \"groth16\", \"params\": {\"k\": [1.50, \"\\u00e9\"]}, "
                          "\"expect\": [\"33\", 12345678901234567890123], "
                          "\"covariates\": {\"n_tx\": 17}}",
                          &m, &err));

    assert_string_equal(m.name, "0001");
    assert_string_equal(m.verifier, "groth16");
    assert_true(m.has_size && m.size == UINT64_MAX);
    assert_true(m.has_sha256 && m.sha256[1] == 0x11 && m.sha256[31] == 0xff);
    assert_string_equal(cvk_buf_str(&m.params), "{\"k\":[1.50,\"\xc3\xa9\"]}");
    assert_string_equal(cvk_buf_str(&m.expect), "[\"33\",12345678901234567890123]");
    assert_string_equal(cvk_buf_str(&m.covariates), "{\"n_tx\":17}");
    batch_manifest_done(&m);
}

static void everything_may_be_left_out(void **state) {
    (void)state;
    BatchManifest m;
    CvkErr err;

    assert_true(read_text("{}", &m, &err));

    assert_string_equal(m.name, "");
    assert_string_equal(m.verifier, "");
    assert_false(m.has_sha256 || m.has_size);
    assert_int_equal(m.params.n + m.expect.n + m.covariates.n, 0);
    batch_manifest_done(&m);
}

static void what_is_no_manifest_is_refused_with_its_reason(void **state) {
    (void)state;
    static const struct {
        const char *text, *id;
    } bad[] = {
        {"", "json.syntax"},
        {"[]", "json.type"},
        {"{} {}", "json.syntax"},
        {"{\"nmae\": \"x\"}", "doc.field"},
        {"{\"name\": \"x\", \"name\": \"x\"}", "doc.field"},
        {"{\"name\": \"\"}", "batch.name"},
        {"{\"name\": 1}", "json.type"},
        {"{\"size\": -1}", "json.type"},
        {"{\"size\": 1.5}", "json.type"},
        {"{\"sha256\": \"00\"}", "doc.hex"},
        {"{\"params\": []}", "json.type"},
        {"{\"covariates\": 3}", "json.type"},
        {"{\"covariates\": {\"a\": []}}", "batch.covariate"},
        {"{\"covariates\": {\"a\": null}}", "batch.covariate"},
        {"{\"covariates\": {\"\": 1}}", "batch.covariate"},
        {"{\"covariates\": {\"a,b\": 1}}", "batch.covariate"},
        {"{\"covariates\": {\"a\": 1, \"a\": 2}}", "batch.covariate"},
        {"{\"verifier\": \"a-name-that-is-longer-than-any-verifier\"}", "doc.limit"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        BatchManifest m;
        CvkErr err;

        assert_false(read_text(bad[i].text, &m, &err));

        if (strcmp(err.id, bad[i].id) != 0)
            fail_msg("%s: %s: %s", bad[i].text, err.id, err.msg);
    }
}

typedef struct {
    char text[256];
} Told;

static bool tell(void *ctx, const char *name, const char *text, bool is_number, CvkErr *err) {
    Told *t = ctx;
    size_t n = strlen(t->text);
    (void)err;
    snprintf(t->text + n, sizeof t->text - n, "%s=%s%s;", name, is_number ? "#" : "", text);
    return true;
}

static void covariates_are_told_with_their_type(void **state) {
    (void)state;
    Told t = {""};
    CvkErr err;

    assert_true(covariates_each("{\"n_tx\":17,\"gas\":1.50e6,\"p\":\"0.24.2\",\"odd\":true}", tell,
                                &t, &err));

    assert_string_equal(t.text, "n_tx=#17;gas=#1.50e6;p=0.24.2;odd=true;");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(every_field_is_read_and_numbers_stay_as_they_were_written),
        TEST(everything_may_be_left_out),
        TEST(what_is_no_manifest_is_refused_with_its_reason),
        TEST(covariates_are_told_with_their_type),
    };
    return cmocka_run_group_tests_name("format/batch_manifest", tests, NULL, NULL);
}
