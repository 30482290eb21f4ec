#include "base/alloc.h"
#include "support/test.h"

static void memory_comes_zeroed(void **state) {
    (void)state;
    CvkErr err;

    _cleanup_free_ uint8_t *p = cvk_alloc(1000, 1, &err);

    assert_non_null(p);
    for (size_t i = 0; i < 1000; i++)
        assert_int_equal(p[i], 0);
}

static void nothing_is_a_valid_pointer(void **state) {
    (void)state;
    CvkErr err;

    _cleanup_free_ uint8_t *none = cvk_alloc(0, 8, &err);
    _cleanup_free_ uint8_t *sizeless = cvk_alloc(8, 0, &err);

    assert_non_null(none);
    assert_non_null(sizeless);
}

static void a_product_that_overflows_is_an_error(void **state) {
    (void)state;
    CvkErr err = {.code = CVK_OK};

    void *p = cvk_alloc(SIZE_MAX / 2, 3, &err);

    assert_null(p);
    assert_int_equal(err.code, CVK_EINTERNAL);
    assert_string_equal(err.id, "memory.short");
}

static void more_than_the_cap_is_a_limit(void **state) {
    (void)state;
    CvkErr err = {.code = CVK_OK};

    _cleanup_free_ uint8_t *fits = cvk_try_alloc(10, 1, 10, &err);
    void *over = cvk_try_alloc(11, 1, 10, &err);

    assert_non_null(fits);
    assert_null(over);
    assert_int_equal(err.code, CVK_ELIMIT);
    assert_string_equal(err.id, "limit.count");
}

static void a_copied_string_is_its_own(void **state) {
    (void)state;
    CvkErr err;
    char text[] = "abc";

    _cleanup_free_ char *copy = cvk_strdup(text, &err);
    text[0] = 'x';

    assert_string_equal(copy, "abc");
}

static void a_growing_array_keeps_its_items(void **state) {
    (void)state;
    CvkErr err;
    _cleanup_free_ uint32_t *items = NULL;
    size_t cap = 0;

    for (uint32_t n = 0; n < 1000; n++) {
        assert_true(cvk_grow(&items, n, &cap, sizeof *items, &err));
        assert_true(cap > n);
        items[n] = n;
    }

    for (uint32_t i = 0; i < 1000; i++)
        assert_int_equal(items[i], i);
}

static void an_array_that_cannot_grow_stays_as_it_is(void **state) {
    (void)state;
    CvkErr err = {.code = CVK_OK};
    _cleanup_free_ uint8_t *items = cvk_alloc(1, 1, &err);
    uint8_t *before = items;
    size_t cap = SIZE_MAX / 2;

    bool ok = cvk_grow(&items, cap, &cap, 3, &err);

    assert_false(ok);
    assert_string_equal(err.id, "memory.short");
    assert_ptr_equal(items, before);
    assert_true(cap == SIZE_MAX / 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(memory_comes_zeroed),
        TEST(nothing_is_a_valid_pointer),
        TEST(a_product_that_overflows_is_an_error),
        TEST(more_than_the_cap_is_a_limit),
        TEST(a_growing_array_keeps_its_items),
        TEST(an_array_that_cannot_grow_stays_as_it_is),
        TEST(a_copied_string_is_its_own),
    };
    return cmocka_run_group_tests_name("base/alloc", tests, NULL, NULL);
}
