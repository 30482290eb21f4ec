#include "format/zkey.h"
#include "support/test.h"

#include "support/file_bytes.h"
#include "support/scratch.h"

#define FIXTURES "fixtures/snarkjs/"
#define FINAL FIXTURES "tiny_final.zkey" /* three contributions, sections 1 to 10 in order */
#define ORDER "010000f093f5e1439170b97948e833285d588181b64550b829a031e1724e6430"
#define BASE "47fd7cd8168c203c8dca7168916a81975d588181b64550b829a031e1724e6430"
#define ZEROS_32 "0000000000000000000000000000000000000000000000000000000000000000"
#define ALL_ONES "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
/* On the twist (its x is 1), outside the subgroup of order r. */
#define OUTSIDE                                                                                    \
    "9d0d8fc58d435dd33d0bc7f528eb780a2c4679786fa36e662fdf079ac1770a0e" ZEROS_32                    \
    "36ee36d23eb8b9e7c27fecf7e7636d8d9f4141d6add1be6a9001fd267b474015"                             \
    "617bf4465741b77c0941eaddb3a4117393ad101eb6bdec3ddb950d039f643c07"

static bool open_bytes(const FileBytes *b, CvkErr *err) {
    Zkey *z;
    if (!zkey_memory(b->data, b->n, "a.zkey", &z, err))
        return false;
    zkey_close(z);
    return true;
}

static Zkey *open_good(const FileBytes *b) {
    Zkey *z;
    CvkErr err = {0};
    if (!zkey_memory(b->data, b->n, "a.zkey", &z, &err))
        fail_msg("%s", err.msg);
    return z;
}

/* ---- what is read ---- */

static void a_key_with_three_contributions_is_read(void **state) {
    (void)state;
    FileBytes b = file_bytes_shared(FINAL);
    Zkey *z = open_good(&b);

    const Phase2Key *key = zkey_key(z);

    static const uint64_t lengths[PHASE2_VECTORS] = {3, 11, 11, 11, 8, 16};
    assert_string_equal(curve_name(key->header.curve), "bn254");
    assert_int_equal(key->header.n_vars, 11);
    assert_int_equal(key->header.n_public, 2);
    assert_int_equal(key->header.domain, 16);
    assert_int_equal(zkey_coefficients_n(z), 17);
    for (unsigned i = 0; i < PHASE2_VECTORS; i++)
        assert_int_equal(key->v[i].n, lengths[i]);
    assert_int_equal(key->contributions_n, 3);
    assert_string_equal(key->contributions[0].params.name, "alice");
    assert_string_equal(key->contributions[1].params.name, "bob via bellman");
    assert_string_equal(key->contributions[2].params.name, "Final Beacon");
    assert_false(key->contributions[1].params.beacon);
    assert_true(key->contributions[2].params.beacon);
    assert_int_equal(key->contributions[2].params.iterations_exp, 10);
    assert_true(element_equal(&key->contributions[2].delta_after, &key->header.delta_g1));
    zkey_close(z);
    file_bytes_done(&b);
}

static void every_key_that_snarkjs_made_is_read_and_written_the_same(void **state) {
    (void)state;
    static const struct {
        const char *name;
        ZkeyOrder order;
    } files[] = {
        {"tiny_0000.zkey", ZKEY_ORDER_NEW},        {"tiny_0001.zkey", ZKEY_ORDER_CONTRIBUTE},
        {"tiny_0002.zkey", ZKEY_ORDER_BELLMAN},    {"tiny_final.zkey", ZKEY_ORDER_CONTRIBUTE},
        {"det/t_0000.zkey", ZKEY_ORDER_NEW},       {"det/t_0001.zkey", ZKEY_ORDER_CONTRIBUTE},
        {"det/t_0002.zkey", ZKEY_ORDER_CONTRIBUTE}};
    Scratch s;
    scratch_make(&s);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char name[128], path[512];
        CvkErr err = {0};
        snprintf(name, sizeof name, FIXTURES "%s", files[i].name);
        FileBytes b = file_bytes_shared(name);
        Zkey *z = open_good(&b);

        assert_true(zkey_write(scratch_path(&s, path, "out.zkey"), files[i].order, zkey_key(z),
                               NULL, &err));

        FileBytes out = file_bytes_read(path);
        assert_int_equal(out.n, b.n);
        assert_memory_equal(out.data, b.data, b.n);
        zkey_close(z);
        file_bytes_done(&out);
        file_bytes_done(&b);
    }
    scratch_remove(&s);
}

typedef struct {
    const Phase2Key *key;
    unsigned vectors, coefficients; /* asked for */
} Asked;

static bool make_vector(void *ctx, Phase2Vector which, const CvkSink *to, CvkErr *err) {
    Asked *a = ctx;
    a->vectors++;
    assert_true(which == PHASE2_L || which == PHASE2_H);
    return cvk_source_copy(&a->key->v[which].bytes, to, err);
}

static bool make_coefficients(void *ctx, const CvkSink *to, CvkErr *err) {
    Asked *a = ctx;
    a->coefficients++;
    return cvk_source_copy(&a->key->coefficients, to, err);
}

static void what_has_no_bytes_is_asked_of_its_maker(void **state) {
    (void)state;
    FileBytes b = file_bytes_shared(FINAL);
    Zkey *z = open_good(&b);
    Asked asked = {.key = zkey_key(z)};
    Phase2Key key = *asked.key;
    key.v[PHASE2_L].bytes = key.v[PHASE2_H].bytes = key.coefficients = (CvkSource){0};
    const ZkeyMaker maker = {make_vector, make_coefficients, &asked};
    Scratch s;
    char path[512];
    CvkErr err;
    scratch_make(&s);

    assert_true(
        zkey_write(scratch_path(&s, path, "out.zkey"), ZKEY_ORDER_CONTRIBUTE, &key, &maker, &err));

    FileBytes out = file_bytes_read(path);
    assert_int_equal(asked.vectors, 2);
    assert_int_equal(asked.coefficients, 1);
    assert_int_equal(out.n, b.n);
    assert_memory_equal(out.data, b.data, b.n);
    zkey_close(z);
    scratch_remove(&s);
    file_bytes_done(&out);
    file_bytes_done(&b);
}

static bool make_nothing(void *ctx, Phase2Vector which, const CvkSink *to, CvkErr *err) {
    return cvk_fail(err, CVK_EBACKEND, "test.maker", "no vector");
}

static void a_key_that_cannot_be_made_leaves_no_file(void **state) {
    (void)state;
    FileBytes b = file_bytes_shared(FINAL);
    Zkey *z = open_good(&b);
    Phase2Key key = *zkey_key(z);
    key.v[PHASE2_H].bytes = (CvkSource){0};
    const ZkeyMaker maker = {.vector = make_nothing};
    Scratch s;
    char path[512];
    CvkErr err;
    scratch_make(&s);

    assert_false(
        zkey_write(scratch_path(&s, path, "out.zkey"), ZKEY_ORDER_CONTRIBUTE, &key, &maker, &err));

    assert_string_equal(err.id, "test.maker");
    assert_int_equal(rmdir(s.dir), 0); /* nothing is left in it */
    zkey_close(z);
    file_bytes_done(&b);
}

static void sections_may_come_in_any_order(void **state) {
    (void)state;
    static const uint32_t backwards[] = {10, 9, 8, 7, 6, 5, 4, 3, 2, 1};
    FileBytes b = file_bytes_shared(FINAL), turned = file_bytes_order(&b, backwards, 10);

    Zkey *z = open_good(&turned);

    assert_int_equal(zkey_key(z)->contributions_n, 3);
    assert_int_equal(zkey_coefficients_n(z), 17);
    zkey_close(z);
    file_bytes_done(&turned);
    file_bytes_done(&b);
}

/* ---- what is refused ---- */

/* Section 1: protocol. Section 2: bytes of q 0, q 4, bytes of r 36, r 40, variables 72, public 76,
 * domain 80, alpha1 84, beta1 148, beta2 212, gamma2 340, delta1 468, delta2 532. Section 4: count,
 * then 44 bytes each: matrix, constraint, signal, value. Section 10: csHash, count 64, then
 * contribution 1: deltaAfter 68, g1_s 132, g1_sx 196, g2_spx 260, transcript 388, type 452, length
 * of parameters 456, parameters 460: 01 05 "alice"; contribution 2 at 467. */
static void each_damaged_field_is_refused_with_its_place(void **state) {
    (void)state;
    static const Corruption table[] = {
        {"magic", 0, 0, "5a", "file.magic", 0, 0},
        {"version 0", 0, 4, "00", "file.version", 0, 4},
        {"version 2", 0, 4, "02", "file.version", 0, 4},
        {"sections: one more", 0, 8, "0b", "file.truncated", 0, 7410},
        {"sections: one less", 0, 8, "09", "file.trailing", 0, 6080},
        {"sections by the billion", 0, 8, "ffffffff", "file.sections", 0, 8},
        {"a section's size over the file's", 0, 19, "ff", "file.truncated", 0, 12},
        {"section 1 is called 2", 0, 12, "02", "section.twice", 0, 28},
        {"PLONK", 1, 0, "02", "zkey.protocol", 1, 0},
        {"FFLONK", 1, 0, "0a", "zkey.protocol", 1, 0},
        {"no protocol", 1, 0, "00", "zkey.protocol", 1, 0},
        {"q of 31 bytes", 2, 0, "1f", "zkey.prime", 2, 0},
        {"q of 48 bytes", 2, 0, "30", "zkey.prime", 2, 4},
        {"q of billions of bytes", 2, 0, "ffffffff", "zkey.prime", 2, 0},
        {"another q", 2, 4, "48", "zkey.prime", 2, 4},
        {"q is r", 2, 4, ORDER, "zkey.prime", 2, 4},
        {"r of 48 bytes", 2, 36, "30", "zkey.prime", 2, 40},
        {"another r", 2, 71, "31", "zkey.prime", 2, 40},
        {"r is q", 2, 40, BASE, "zkey.prime", 2, 40},
        {"no variables", 2, 72, "00", "zkey.public", 2, 76},
        {"one variable more", 2, 72, "0c", "section.size", 5, 0},
        {"variables by the billion", 2, 72, "ffffffff", "section.size", 5, 0},
        {"one public signal more", 2, 76, "03", "section.size", 3, 0},
        {"all variables public", 2, 76, "0b", "zkey.public", 2, 76},
        {"public signals by the billion", 2, 76, "ffffffff", "zkey.public", 2, 76},
        {"no domain", 2, 80, "00", "zkey.domain", 2, 80},
        {"a domain of 15", 2, 80, "0f", "zkey.domain", 2, 80},
        {"a domain of 2", 2, 80, "02", "zkey.domain", 2, 80},
        {"a domain of 2^29", 2, 80, "00000020", "zkey.domain", 2, 80},
        {"a domain of 8", 2, 80, "08", "section.size", 9, 0},
        {"a domain of 32", 2, 80, "20", "section.size", 9, 0},
        {"alpha1 beside the curve", 2, 84, "00", "zkey.point", 2, 84},
        {"alpha1 not canonical", 2, 84, ALL_ONES, "zkey.point", 2, 84},
        {"beta1 infinite", 2, 148, ZEROS_32 ZEROS_32, "zkey.point", 2, 148},
        {"beta2 beside the curve", 2, 212, "01", "zkey.point", 2, 212},
        {"gamma2 outside the subgroup", 2, 340, OUTSIDE, "zkey.point", 2, 340},
        {"delta1's y is q", 2, 500, BASE, "zkey.point", 2, 468},
        {"delta2 infinite", 2, 532, ZEROS_32 ZEROS_32 ZEROS_32 ZEROS_32, "zkey.point", 2, 532},
        {"delta2 outside the subgroup", 2, 532, OUTSIDE, "zkey.point", 2, 532},
        {"one coefficient more", 4, 0, "12", "section.size", 4, 0},
        {"coefficients by the billion", 4, 0, "ffffffff", "section.size", 4, 0},
        {"a coefficient of C", 4, 4, "02", "zkey.coefficient", 4, 4},
        {"a coefficient outside the domain", 4, 8, "10", "zkey.coefficient", 4, 8},
        {"a coefficient of no signal", 4, 12, "0b", "zkey.coefficient", 4, 12},
        {"a coefficient that is r", 4, 16, ORDER, "zkey.coefficient", 4, 16},
        {"the last coefficient of no signal", 4, 716, "ffffffff", "zkey.coefficient", 4, 716},
        {"the last coefficient above r", 4, 720, ALL_ONES, "zkey.coefficient", 4, 720},
        {"one contribution more", 10, 64, "04", "zkey.contributions", 10, 64},
        {"one contribution less", 10, 64, "02", "section.long", 10, 876},
        {"contributions by the billion", 10, 64, "ffffffff", "zkey.contributions", 10, 64},
        {"deltaAfter beside the curve", 10, 68, "00", "zkey.point", 10, 68},
        {"g1_s infinite", 10, 132, ZEROS_32 ZEROS_32, "zkey.point", 10, 132},
        {"g1_sx not canonical", 10, 196, ALL_ONES, "zkey.point", 10, 196},
        {"g2_spx outside the subgroup", 10, 260, OUTSIDE, "zkey.point", 10, 260},
        {"a contribution of no known type", 10, 452, "02", "contribution.type", 10, 452},
        {"parameters too long", 10, 456, "ffff0000", "contribution.params", 10, 456},
        {"a parameter that is unknown", 10, 460, "04", "contribution.params", 10, 460},
        {"a name longer than the parameters", 10, 461, "06", "contribution.params", 10, 462},
        {"g1_s of the second beside the curve", 10, 531, "00", "zkey.point", 10, 531},
    };
    FileBytes b = file_bytes_shared(FINAL);

    assert_corruptions_refused(open_bytes, &b, table, sizeof table / sizeof *table);

    file_bytes_done(&b);
}

static void a_protocol_of_others_is_named(void **state) {
    (void)state;
    FileBytes b = file_bytes_shared(FINAL);
    CvkErr err;

    file_bytes_patch(&b, file_bytes_section(&b, 1) + SECTION_HEAD_BYTES, "02");

    assert_false(open_bytes(&b, &err));
    assert_non_null(strstr(err.msg, "PLONK"));
    file_bytes_done(&b);
}

static void a_file_cut_anywhere_is_refused(void **state) {
    (void)state;
    FileBytes b = file_bytes_shared(FINAL);

    assert_cut_refused(open_bytes, &b);

    file_bytes_done(&b);
}

static void a_longer_or_shorter_section_is_refused(void **state) {
    (void)state;
    FileBytes whole = file_bytes_shared(FINAL);
    for (uint32_t type = 1; type <= 10; type++) {
        bool read_on =
            type == 2 || type == 10; /* they are read to the end, and then a byte is left */
        FileBytes longer = file_bytes_resize(&whole, type, 1);
        FileBytes shorter = file_bytes_resize(&whole, type, -1);
        CvkErr err = {0};

        assert_refused_at(open_bytes, &longer, "longer", read_on ? "section.long" : "section.size",
                          type, read_on ? file_bytes_section_n(&whole, type) : 0);
        assert_false(open_bytes(&shorter, &err));

        assert_string_equal(err.id, read_on ? "section.short" : "section.size");
        file_bytes_done(&longer);
        file_bytes_done(&shorter);
    }
    file_bytes_done(&whole);
}

static void a_missing_section_is_refused(void **state) {
    (void)state;
    FileBytes whole = file_bytes_shared(FINAL);
    for (uint32_t missing = 1; missing <= 10; missing++) {
        uint32_t order[9];
        size_t n = 0;
        for (uint32_t type = 1; type <= 10; type++)
            if (type != missing)
                order[n++] = type;
        FileBytes b = file_bytes_order(&whole, order, n);
        CvkErr err = {0};
        char section[32];
        snprintf(section, sizeof section, "section %u (", missing);

        assert_false(open_bytes(&b, &err));

        assert_string_equal(err.id, "section.missing");
        assert_non_null(strstr(err.msg, section));
        file_bytes_done(&b);
    }
    file_bytes_done(&whole);
}

static void a_section_that_stands_twice_is_refused(void **state) {
    (void)state;
    FileBytes whole = file_bytes_shared(FINAL);
    for (uint32_t type = 1; type <= 10; type++) {
        const uint32_t order[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, type};
        FileBytes b = file_bytes_order(&whole, order, 11);
        CvkErr err = {0};

        assert_false(open_bytes(&b, &err));

        assert_string_equal(err.id, "section.twice");
        file_bytes_done(&b);
    }
    file_bytes_done(&whole);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_key_with_three_contributions_is_read),
        TEST(every_key_that_snarkjs_made_is_read_and_written_the_same),
        TEST(what_has_no_bytes_is_asked_of_its_maker),
        TEST(a_key_that_cannot_be_made_leaves_no_file),
        TEST(sections_may_come_in_any_order),
        TEST(each_damaged_field_is_refused_with_its_place),
        TEST(a_protocol_of_others_is_named),
        TEST(a_file_cut_anywhere_is_refused),
        TEST(a_longer_or_shorter_section_is_refused),
        TEST(a_missing_section_is_refused),
        TEST(a_section_that_stands_twice_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
