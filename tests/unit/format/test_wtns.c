#include "format/wtns.h"
#include "support/test.h"

#include "format/both_primes.h"

#define TINY "fixtures/snarkjs/tiny.wtns"
#define ALL_ONES "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"

static bool open_bytes(const FileBytes *b, CvkErr *err) {
    Wtns *w;
    if (!wtns_memory(b->data, b->n, "a.wtns", &w, err))
        return false;
    wtns_close(w);
    return true;
}

static void read_witness(const FileBytes *b, const Scalars *s) {
    Wtns *w;
    CvkErr err;

    assert_true(wtns_memory(b->data, b->n, "a.wtns", &w, &err));

    uint8_t second[FR_BYTES];
    CvkSource values = wtns_values(w);
    assert_int_equal(wtns_n(w), 11);
    assert_string_equal(curve_name(wtns_curve(w)), s->curve);
    assert_true(cvk_source_read(&values, FR_BYTES, second, FR_BYTES, &err));
    assert_memory_equal(second, b->data + b->n - 10 * FR_BYTES, FR_BYTES);
    wtns_close(w);
}

static void a_witness_is_read(void **state) {
    (void)state;
    FileBytes b = file_bytes_shared(TINY);
    over_both_primes(&b, read_witness);
    file_bytes_done(&b);
}

/* Section 1: bytes of a value 0, prime 4, number of values 36. Section 2: the values. */
static void refuse_damaged_fields(const FileBytes *b, const Scalars *s) {
    const Corruption table[] = {
        {"magic", 0, 3, "74", "file.magic", 0, 0},
        {"version 0", 0, 4, "00", "file.version", 0, 4},
        {"version 3", 0, 4, "03", "file.version", 0, 4},
        {"sections: one more", 0, 8, "03", "file.truncated", 0, 428},
        {"sections: one less", 0, 8, "01", "file.trailing", 0, 64},
        {"no sections", 0, 8, "00", "file.trailing", 0, 12},
        {"the header's size over the file's", 0, 16, "ffff", "file.truncated", 0, 12},
        {"the values' size over the file's", 0, 68, "61", "file.truncated", 0, 64},
        {"the values' size under the file's", 0, 68, "40", "file.trailing", 0, 396},
        {"the header is called values", 0, 12, "02", "section.twice", 0, 64},
        {"values of 31 bytes", 1, 0, "1f", "wtns.prime", 1, 0},
        {"values of 48 bytes", 1, 0, "30", "wtns.prime", 1, 0},
        {"values of no bytes", 1, 0, "00", "wtns.prime", 1, 0},
        {"another prime", 1, 4, "03", "wtns.prime", 1, 4},
        {"another prime, in its middle", 1, 20, "00", "wtns.prime", 1, 4},
        {"another prime, at its end", 1, 35, s->longer, "wtns.prime", 1, 4},
        {"no values", 1, 36, "00", "wtns.count", 1, 36},
        {"one value less", 1, 36, "0a", "section.size", 2, 0},
        {"one value more", 1, 36, "0c", "section.size", 2, 0},
        {"values by the billion", 1, 36, "ffffffff", "section.size", 2, 0},
        {"the first value is zero", 2, 0, "00", "wtns.one", 2, 0},
        {"the first value is two", 2, 0, "02", "wtns.one", 2, 0},
        {"the first value is above the prime", 2, 0, s->behind_prime, "wtns.value", 2, 0},
        {"a value is the prime", 2, 32, s->prime, "wtns.value", 2, 32},
        {"a value is just above the prime", 2, 64, s->behind_prime, "wtns.value", 2, 64},
        {"the last value is far above the prime", 2, 320, ALL_ONES, "wtns.value", 2, 320},
    };

    assert_corruptions_refused(open_bytes, b, table, sizeof table / sizeof *table);
}

static void each_damaged_field_is_refused_with_its_place(void **state) {
    (void)state;
    FileBytes b = file_bytes_shared(TINY);
    over_both_primes(&b, refuse_damaged_fields);
    file_bytes_done(&b);
}

static void a_file_cut_anywhere_is_refused(void **state) {
    (void)state;
    FileBytes b = file_bytes_shared(TINY);

    assert_cut_refused(open_bytes, &b);

    file_bytes_done(&b);
}

static void a_longer_or_shorter_section_is_refused(void **state) {
    (void)state;
    FileBytes whole = file_bytes_shared(TINY);
    for (uint32_t type = 1; type <= 2; type++) {
        FileBytes longer = file_bytes_resize(&whole, type, 1);
        FileBytes shorter = file_bytes_resize(&whole, type, -1);

        assert_refused_at(open_bytes, &longer, "longer", "section.size", type, 0);
        assert_refused_at(open_bytes, &shorter, "shorter", "section.size", type, 0);

        file_bytes_done(&longer);
        file_bytes_done(&shorter);
    }
    file_bytes_done(&whole);
}

static void sections_may_come_in_any_order_and_must_all_be_there(void **state) {
    (void)state;
    static const uint32_t order[] = {2, 1, 2};
    FileBytes whole = file_bytes_shared(TINY);
    FileBytes turned = file_bytes_order(&whole, order, 2);
    FileBytes twice = file_bytes_order(&whole, order, 3);
    FileBytes one = file_bytes_order(&whole, order, 1);
    FileBytes other = file_bytes_order(&whole, order + 1, 1);
    CvkErr err;

    assert_true(open_bytes(&turned, &err));
    assert_false(open_bytes(&twice, &err));
    assert_string_equal(err.id, "section.twice");
    assert_false(open_bytes(&one, &err));
    assert_string_equal(err.id, "section.missing");
    assert_false(open_bytes(&other, &err));
    assert_string_equal(err.id, "section.missing");

    file_bytes_done(&whole);
    file_bytes_done(&turned);
    file_bytes_done(&twice);
    file_bytes_done(&one);
    file_bytes_done(&other);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_witness_is_read),
        TEST(each_damaged_field_is_refused_with_its_place),
        TEST(a_file_cut_anywhere_is_refused),
        TEST(a_longer_or_shorter_section_is_refused),
        TEST(sections_may_come_in_any_order_and_must_all_be_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
