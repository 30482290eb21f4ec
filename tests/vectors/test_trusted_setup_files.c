/* The published results come back byte for byte. Whether they hold is setup's test. */
#include "format/trusted_setup.h"
#include "support/test.h"

#include "support/gunzip.h"

enum { ROOM = 4 << 20 };

static size_t read_whole(FILE *stream, char **ret) {
    char *data = malloc(ROOM);
    assert_non_null(data);
    size_t n = fread(data, 1, ROOM, stream);
    assert_true(n < ROOM);
    *ret = data;
    return n;
}

static TrustedSetupWire *read_setup(const char *data, size_t n) {
    JsonMemory m = {.data = data, .n = n};
    TrustedSetupWire *t = NULL;
    CvkErr err;
    if (!trusted_setup_read(json_from_memory(&m), n, &t, &err))
        fail_msg("%s", err.msg);
    return t;
}

static void the_text_that_c_kzg_loads_comes_back(void **state) {
    (void)state;
    const char *source = getenv("CONVOKE_SOURCE");
    char path[1024];
    snprintf(path, sizeof path, "%s/node_modules/c-kzg/deps/c-kzg/trusted_setup.txt",
             source != NULL ? source : ".");
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    char *data;
    size_t n = read_whole(file, &data);
    fclose(file);
    CvkBuf again = CVK_BUF(ROOM);

    TrustedSetupWire *t = read_setup(data, n);
    assert_true(trusted_setup_write_text(json_to_buf(&again), t, NULL));

    assert_int_equal(t->n_g1, 4096);
    assert_int_equal(t->n_g2, 65);
    assert_memory_equal(t->g1_monomial[0], KZG_G1_GENERATOR, KZG_G1_BYTES);
    assert_memory_equal(t->g2_monomial[0], KZG_G2_GENERATOR, KZG_G2_BYTES);
    assert_int_equal(again.n, n);
    assert_memory_equal(again.data, data, n);
    trusted_setup_wire_free(t);
    cvk_buf_done(&again);
    free(data);
}

static void the_published_json_comes_back(void **state) {
    (void)state;
    FILE *stream = gunzip_shared("fixtures/kzg/public/trusted_setup_8192.json.gz");
    char *data;
    size_t n = read_whole(stream, &data);
    assert_int_equal(pclose(stream), 0);
    CvkBuf again = CVK_BUF(ROOM);

    TrustedSetupWire *t = read_setup(data, n);
    assert_true(trusted_setup_write_json(json_to_buf(&again), t, 2, NULL));

    assert_int_equal(t->n_g1, 8192);
    assert_int_equal(t->n_g2, 65);
    assert_memory_equal(t->g1_monomial[0], KZG_G1_GENERATOR, KZG_G1_BYTES);
    assert_int_equal(again.n, n);
    assert_memory_equal(again.data, data, n);
    trusted_setup_wire_free(t);
    cvk_buf_done(&again);
    free(data);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(the_text_that_c_kzg_loads_comes_back),
        TEST(the_published_json_comes_back),
    };
    return cmocka_run_group_tests_name("vectors/trusted_setup_files", tests, NULL, NULL);
}
