#include "base/gzip.h"
#include "support/test.h"

#include <unistd.h>
#include <zlib.h>

/* A temporary file with these bytes, at its start. */
static FILE *file_of(const void *data, size_t n) {
    FILE *f = tmpfile();
    assert_non_null(f);
    assert_int_equal(fwrite(data, 1, n, f), n);
    rewind(f);
    return f;
}

/* What zlib makes of the file; the caller frees. */
static char *unpack(FILE *f, size_t room, size_t *ret_n) {
    rewind(f);
    int fd = dup(fileno(f));
    lseek(fd, 0, SEEK_SET);
    gzFile z = gzdopen(fd, "rb");
    assert_non_null(z);
    assert_false(gzdirect(z));
    char *out = malloc(room + 1);
    assert_non_null(out);
    int n = gzread(z, out, (unsigned)room + 1);
    assert_true(n >= 0);
    assert_int_equal(gzclose(z), Z_OK);
    *ret_n = (size_t)n;
    return out;
}

static void assert_comes_back(const char *data, size_t n) {
    FILE *in = file_of(data, n), *out = tmpfile();
    size_t back_n;
    assert_non_null(out);

    assert_true(cvk_gzip(in, out, NULL));
    assert_int_equal(fflush(out), 0);

    char *back = unpack(out, n, &back_n);
    assert_int_equal(back_n, n);
    assert_memory_equal(back, data, n);
    free(back);
    fclose(in);
    fclose(out);
}

static void what_is_packed_can_be_unpacked(void **state) {
    (void)state;
    static char data[200000];
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = "0123456789abcdef"[(i * i + i / 7) % 16];
    assert_comes_back(data, 0);
    assert_comes_back(data, 1);
    assert_comes_back(data, 32768); /* a piece, and one more byte */
    assert_comes_back(data, 32769);
    assert_comes_back(data, sizeof data);
}

static void hex_becomes_little_more_than_half(void **state) {
    (void)state;
    static char data[100000];
    unsigned x = 1;
    for (size_t i = 0; i < sizeof data; i++) {
        x = x * 1103515245 + 12345;
        data[i] = "0123456789abcdef"[x >> 28];
    }
    FILE *in = file_of(data, sizeof data), *out = tmpfile();
    assert_non_null(out);

    assert_true(cvk_gzip(in, out, NULL));

    assert_in_range(ftell(out), 50000, 55000);
    fclose(in);
    fclose(out);
}

static void what_cannot_be_read_or_written_is_an_error(void **state) {
    (void)state;
    CvkErr err;
    FILE *in = file_of("abc", 3), *full = fopen("/dev/full", "wb"), *dir = fopen("/", "rb");
    FILE *out = tmpfile();
    assert_non_null(full);
    assert_non_null(dir);
    assert_non_null(out);
    setvbuf(full, NULL, _IONBF, 0);

    assert_false(cvk_gzip(in, full, &err));
    assert_string_equal(err.id, "file.write");
    assert_false(cvk_gzip(dir, out, &err));
    assert_string_equal(err.id, "file.read");

    fclose(in);
    fclose(full);
    fclose(dir);
    fclose(out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(what_is_packed_can_be_unpacked),
        TEST(hex_becomes_little_more_than_half),
        TEST(what_cannot_be_read_or_written_is_an_error),
    };
    return cmocka_run_group_tests_name("base/gzip", tests, NULL, NULL);
}
