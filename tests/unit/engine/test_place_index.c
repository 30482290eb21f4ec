#include "support/test.h"

#include "engine/place_index.h"

#define _cleanup_places_ __attribute__((cleanup(place_index_done)))

static void fill(PlaceIndex *x, uint64_t first, uint32_t n) {
    assert_true(place_index_reserve(x, n, 0, NULL));
    for (uint32_t i = 0; i < n; i++)
        place_index_append(x, first + i, 100 + i);
}

static void an_empty_queue_has_nobody(void **state) {
    (void)state;
    PlaceIndex x = {0};

    assert_int_equal(place_index_at(&x, 0), PLACE_NONE);
    assert_int_equal(place_index_ahead(&x, 5), 0);
    assert_int_equal(place_index_who(&x, 1), PLACE_NONE);
}

static void those_who_wait_are_found_in_order(void **state) {
    (void)state;
    _cleanup_places_ PlaceIndex x = {0};
    fill(&x, 1, 10);
    place_index_remove(&x, 1);
    place_index_remove(&x, 4);

    assert_int_equal(x.waiting, 8);
    assert_int_equal(place_index_at(&x, 0), 101);
    assert_int_equal(place_index_at(&x, 2), 104);
    assert_int_equal(place_index_at(&x, 7), 109);
    assert_int_equal(place_index_at(&x, 8), PLACE_NONE);
    assert_int_equal(place_index_ahead(&x, 5), 2);
    assert_int_equal(place_index_ahead(&x, 11), 8);
    assert_int_equal(place_index_who(&x, 4), PLACE_NONE);
    assert_int_equal(place_index_who(&x, 5), 104);
}

static void whoever_is_put_back_has_the_same_place(void **state) {
    (void)state;
    _cleanup_places_ PlaceIndex x = {0};
    fill(&x, 1, 3);
    place_index_remove(&x, 1);
    assert_true(place_index_reserve(&x, 1000, 1, NULL));

    place_index_put_back(&x, 1);

    assert_int_equal(place_index_at(&x, 0), 100);
    assert_int_equal(place_index_ahead(&x, 2), 1);
}

/* Compared with a plain table through random joining, leaving and coming back, at every place. */
static void it_agrees_with_a_plain_table(void **state) {
    (void)state;
    enum { PLACES = 3000 };
    _cleanup_places_ PlaceIndex x = {0};
    static bool waits[PLACES + 1];
    uint64_t last = 0, held = 0;
    uint32_t seed = 1;
    memset(waits, 0, sizeof waits);
    while (last < PLACES) {
        seed = seed * 1664525 + 1013904223;
        uint64_t pick = last == 0 ? 0 : 1 + (seed >> 8) % last;
        assert_true(place_index_reserve(&x, 1, held, NULL));
        if ((seed >> 5) % 2 == 0 || last == 0) {
            last++;
            place_index_append(&x, last, (uint32_t)last);
            waits[last] = true;
        } else if (held != 0 && (seed >> 6) % 2 == 0) {
            place_index_put_back(&x, held);
            waits[held] = true;
            held = 0;
        } else if (waits[pick]) {
            place_index_remove(&x, pick);
            waits[pick] = false;
            held = (seed >> 7) % 2 == 0 ? pick : held;
        }
        if (last % 50 != 0)
            continue;
        uint32_t before = 0;
        for (uint64_t place = 1; place <= last; place++) {
            assert_int_equal(place_index_ahead(&x, place), before);
            assert_int_equal(place_index_who(&x, place), waits[place] ? place : PLACE_NONE);
            if (waits[place])
                assert_int_equal(place_index_at(&x, before++), place);
        }
        assert_int_equal(x.waiting, before);
    }
}

static void memory_follows_those_who_wait(void **state) {
    (void)state;
    _cleanup_places_ PlaceIndex x = {0};
    fill(&x, 1, 5);

    for (uint64_t place = 6; place < 100000; place++) {
        assert_true(place_index_reserve(&x, 1, 0, NULL));
        place_index_append(&x, place, 7);
        place_index_remove(&x, place);
    }

    assert_int_equal(x.waiting, 5);
    assert_true(x.cap <= 64);
}

static void what_was_reserved_is_there(void **state) {
    (void)state;
    _cleanup_places_ PlaceIndex x = {0};
    assert_true(place_index_reserve(&x, 5000, 0, NULL));
    const PlaceEntry *entry = x.entry;
    for (uint32_t i = 1; i <= 5000; i++)
        place_index_append(&x, UINT64_C(1) << 40 | i, i);

    assert_ptr_equal(x.entry, entry);
    assert_int_equal(place_index_at(&x, 4999), 5000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(an_empty_queue_has_nobody),
        TEST(those_who_wait_are_found_in_order),
        TEST(whoever_is_put_back_has_the_same_place),
        TEST(it_agrees_with_a_plain_table),
        TEST(memory_follows_those_who_wait),
        TEST(what_was_reserved_is_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
