#include "format/ptau.h"
#include "format/ptau_contribution.h"
#include "support/test.h"

#include "support/file_bytes.h"
#include "support/scratch.h"

#define DET "fixtures/snarkjs/det/"
#define FINAL DET "d4_final.ptau"
#define HEADER_N 44
#define CONTRIBUTION 4 /* where the first one begins in section 7 */
#define STATE 1216     /* its hash state: behind five heads and nine keys */

static bool open_bytes(const FileBytes *b, CvkErr *err) {
    Ptau *p;
    if (!ptau_memory(b->data, b->n, "a.ptau", &p, err))
        return false;
    ptau_close(p);
    return true;
}

static Ptau *open_good(const FileBytes *b) {
    Ptau *p;
    CvkErr err = {0};
    if (!ptau_memory(b->data, b->n, "a.ptau", &p, &err))
        fail_msg("%s", err.msg);
    return p;
}

/* ---- what is read ---- */

static void snarkjs_files_are_read(void **state) {
    (void)state;
    static const struct {
        const char *name;
        size_t contributions;
        PtauPrepared prepared;
        const char *last_name;
    } files[] = {
        {DET "d4_0000.ptau", 0, PTAU_UNPREPARED, NULL},
        {DET "d4_beacon.ptau", 1, PTAU_UNPREPARED, "B1"},
        {DET "d4_final.ptau", 1, PTAU_PREPARED, "B1"},
        {"fixtures/snarkjs/pot4_0001.ptau", 1, PTAU_UNPREPARED, "first"},
        {"fixtures/snarkjs/pot4_0002.ptau", 2, PTAU_UNPREPARED, "second (imported)"},
        {"fixtures/snarkjs/pot4_beacon.ptau", 3, PTAU_UNPREPARED, "Phase1 beacon"},
        {"fixtures/snarkjs/pot4_final.ptau", 3, PTAU_PREPARED, "Phase1 beacon"},
    };
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        FileBytes b = file_bytes_shared(files[i].name);
        size_t n;

        Ptau *p = open_good(&b);

        const Phase1State *s = ptau_state(p);
        const Phase1Contribution *list = ptau_contributions(p, &n);
        assert_string_equal(curve_name(s->curve), "bn254");
        assert_int_equal(s->power, 4);
        assert_int_equal(s->ceremony_power, 4);
        assert_int_equal(s->v[PHASE1_TAU_G1].n, 31);
        assert_int_equal(s->v[PHASE1_BETA_G2].bytes.n, 128);
        assert_int_equal(ptau_prepared(p), files[i].prepared);
        assert_int_equal(n, files[i].contributions);
        if (n != 0)
            assert_string_equal(list[n - 1].params.name, files[i].last_name);
        ptau_close(p);
        file_bytes_done(&b);
    }
}

static void sections_may_come_in_any_order(void **state) {
    (void)state;
    static const uint32_t order[] = {7, 15, 3, 12, 6, 1, 14, 2, 5, 13, 4};
    FileBytes b = file_bytes_shared(FINAL), other = file_bytes_order(&b, order, 11);

    Ptau *p = open_good(&b), *q = open_good(&other);

    uint8_t points[2][128];
    CvkErr err;
    for (Phase1Vector v = 0; v < PHASE1_VECTORS; v++) {
        assert_true(cvk_source_read(&ptau_state(p)->v[v].bytes, 0, points[0], 64, &err));
        assert_true(cvk_source_read(&ptau_state(q)->v[v].bytes, 0, points[1], 64, &err));
        assert_memory_equal(points[0], points[1], 64);
    }
    ptau_close(p);
    ptau_close(q);
    file_bytes_done(&b);
    file_bytes_done(&other);
}

static void levels_of_a_lagrange_section_lie_one_behind_the_other(void **state) {
    (void)state;
    CvkErr err;
    Vector v;
    CvkSource section;
    FileBytes b = file_bytes_shared(FINAL);
    Ptau *p = open_good(&b);
    assert_true(section_find(ptau_file(p), PTAU_LAGRANGE_G2, &section));

    assert_true(ptau_lagrange(p, PHASE1_TAU_G2, 3, &v, &err));

    assert_int_equal(v.n, 8);
    assert_int_equal(v.section, PTAU_LAGRANGE_G2);
    assert_int_equal(v.bytes.from, section.from + 7 * 128);
    assert_int_equal(v.bytes.n, 8 * 128);
    assert_true(v.reading.infinity);
    assert_true(ptau_lagrange(p, PHASE1_TAU_G1, 5, &v, &err));
    assert_int_equal(v.bytes.n, 32 * 64);
    assert_false(ptau_lagrange(p, PHASE1_TAU_G2, 5, &v, &err));
    assert_string_equal(err.id, "ptau.power");
    ptau_close(p);
    file_bytes_done(&b);
}

static void files_of_an_old_program_lack_a_level(void **state) {
    (void)state;
    CvkErr err;
    Vector v;
    FileBytes b = file_bytes_shared(FINAL), old = file_bytes_resize(&b, PTAU_LAGRANGE_G1, -32 * 64);

    Ptau *p = open_good(&old);

    assert_int_equal(ptau_prepared(p), PTAU_PREPARED_SHORT);
    assert_true(ptau_lagrange(p, PHASE1_TAU_G1, 4, &v, &err));
    assert_false(ptau_lagrange(p, PHASE1_TAU_G1, 5, &v, &err));
    assert_string_equal(err.id, "ptau.prepared");
    ptau_close(p);
    file_bytes_done(&b);
    file_bytes_done(&old);
}

static void levels_of_a_file_that_is_not_prepared_are_not_there(void **state) {
    (void)state;
    CvkErr err;
    Vector v;
    FileBytes b = file_bytes_shared(DET "d4_beacon.ptau");
    Ptau *p = open_good(&b);

    assert_false(ptau_lagrange(p, PHASE1_TAU_G1, 2, &v, &err));

    assert_string_equal(err.id, "ptau.prepared");
    ptau_close(p);
    file_bytes_done(&b);
}

/* ---- what is refused ---- */

#define Q "47fd7cd8168c203c8dca7168916a81975d588181b64550b829a031e1724e6430"
#define ONES "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
#define ZEROS "0000000000000000000000000000000000000000000000000000000000000000"

static void a_changed_field_is_refused_where_it_stands(void **state) {
    (void)state;
    static const Corruption changes[] = {
        {"magic", 0, 0, "7a6b6579", "file.magic", 0, 0},
        {"version", 0, 4, "02", "file.version", 0, 4},
        {"version 0", 0, 4, "00", "file.version", 0, 4},
        {"fewer sections", 0, 8, "0a", "file.trailing", 0, 17916},
        {"more sections", 0, 8, "0c", "file.truncated", 0, 19912},
        {"very many sections", 0, 8, "00010000", "file.sections", 0, 8},
        {"a section twice", 0, 68, "01", "section.twice", 0, 68},
        {"size of a section", 0, 72, "c107", "file.truncated", 0, 2065},
        {"size beyond 2^63", 0, 79, "80", "file.truncated", 0, 68},
        {"bytes of the prime", 1, 0, "1f", "ptau.curve", 1, 0},
        {"bytes of bls12_381's prime", 1, 0, "30", "section.short", 1, 4},
        {"prime", 1, 4, "48", "ptau.curve", 1, 4},
        {"prime's last byte", 1, 35, "31", "ptau.curve", 1, 4},
        {"power 0", 1, 36, "00", "ptau.power", 1, 36},
        {"power 29", 1, 36, "1d", "ptau.power", 1, 36},
        {"power 2^31", 1, 36, "00000080", "ptau.power", 1, 36},
        {"larger power", 1, 36, "05", "ptau.ceremony_power", 1, 40},
        {"smaller power", 1, 36, "03", "section.size", 2, 0},
        {"power of the ceremony", 1, 40, "03", "ptau.ceremony_power", 1, 40},
        {"ceremony of power 29", 1, 40, "1d", "ptau.ceremony_power", 1, 40},
        {"another ceremony's power", 1, 40, "05", "ptau.hash_state", 7, CONTRIBUTION + STATE + 192},
        {"more contributions", 7, 0, "02", "ptau.contributions", 7, 0},
        {"2^32 - 1 contributions", 7, 0, "ffffffff", "ptau.contributions", 7, 0},
        {"no contributions", 7, 0, "00", "section.long", 7, 4},
        {"tauG1 off the curve", 7, 4, "00", "ptau.point", 7, 4},
        {"tauG1 not below the prime", 7, 4, ONES, "ptau.point", 7, 4},
        {"tauG1 infinite", 7, 4, ZEROS ZEROS, "ptau.point", 7, 4},
        {"tauG2 not below the prime", 7, 4 + 64, Q, "ptau.point", 7, 4 + 64},
        {"alphaG1", 7, 4 + 192, "01", "ptau.point", 7, 4 + 192},
        {"betaG1", 7, 4 + 256, "01", "ptau.point", 7, 4 + 256},
        {"betaG2", 7, 4 + 320, "01", "ptau.point", 7, 4 + 320},
        {"tau.g1_s", 7, 4 + 448, "01", "ptau.point", 7, 4 + 448},
        {"beta.g1_sx", 7, 4 + 448 + 320, "01", "ptau.point", 7, 4 + 448 + 320},
        {"tau.g2_spx", 7, 4 + 448 + 384, "01", "ptau.point", 7, 4 + 448 + 384},
        {"beta.g2_spx", 7, 4 + 448 + 640, "01", "ptau.point", 7, 4 + 448 + 640},
        {"counter", 7, 4 + 1216 + 192, "01", "ptau.hash_state", 7, 4 + 1216 + 192},
        {"counter's high half", 7, 4 + 1216 + 196, "01", "ptau.hash_state", 7, 4 + 1216 + 192},
        {"position", 7, 4 + 1216 + 200, "80", "ptau.hash_state", 7, 4 + 1216 + 200},
        {"end of the state", 7, 4 + 1216 + 215, "01", "ptau.hash_state", 7, 4 + 1216 + 208},
        {"type", 7, 4 + 1496, "02", "contribution.type", 7, 4 + 1496},
        {"length of parameters", 7, 4 + 1500, "00", "contribution.beacon", 7, 4 + 1496},
        {"too many parameters", 7, 4 + 1501, "ff", "contribution.params", 7, 4 + 1500},
        {"longer parameters", 7, 4 + 1500, "29", "section.short", 7, 4 + 1504},
        {"kind of parameter", 7, 4 + 1504, "04", "contribution.params", 7, 4 + 1504},
        {"longer name", 7, 4 + 1505, "ff", "contribution.params", 7, 4 + 1506},
    };
    FileBytes b = file_bytes_shared(FINAL);

    assert_corruptions_refused(open_bytes, &b, changes, sizeof changes / sizeof changes[0]);

    file_bytes_done(&b);
}

static void sections_of_another_length_are_refused(void **state) {
    (void)state;
    static const struct {
        uint32_t type;
        int by;
        const char *id;
        size_t at;
    } changes[] = {
        {1, 1, "section.long", HEADER_N}, {1, -1, "section.short", HEADER_N - 4},
        {2, 64, "section.size", 0},       {2, -1, "section.size", 0},
        {3, 128, "section.size", 0},      {4, -64, "section.size", 0},
        {5, 1, "section.size", 0},        {6, 128, "section.size", 0},
        {7, 1, "section.long", 1548},     {7, -1, "section.short", 1508},
        {12, 64, "section.size", 0},      {12, -64, "section.size", 0},
        {13, 128, "section.size", 0},     {14, -64, "section.size", 0},
        {15, 2048, "section.size", 0},
    };
    FileBytes b = file_bytes_shared(FINAL);
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        FileBytes other = file_bytes_resize(&b, changes[i].type, changes[i].by);
        char what[64];
        snprintf(what, sizeof what, "section %u, %d bytes more", changes[i].type, changes[i].by);

        assert_refused_at(open_bytes, &other, what, changes[i].id, changes[i].type, changes[i].at);

        file_bytes_done(&other);
    }
    file_bytes_done(&b);
}

static void a_missing_section_is_refused(void **state) {
    (void)state;
    static const uint32_t all[] = {1, 2, 3, 4, 5, 6, 7, 12, 13, 14, 15};
    FileBytes b = file_bytes_shared(FINAL);
    for (size_t i = 0; i < 11; i++) {
        uint32_t types[10];
        size_t n = 0;
        for (size_t k = 0; k < 11; k++)
            if (k != i)
                types[n++] = all[k];
        FileBytes other = file_bytes_order(&b, types, n);
        CvkErr err = {0};
        char place[64];

        assert_false(open_bytes(&other, &err));

        assert_string_equal(err.id, "section.missing");
        snprintf(place, sizeof place, ": section %u (", all[i]);
        assert_non_null(strstr(err.msg, place));
        file_bytes_done(&other);
    }
    file_bytes_done(&b);
}

static void a_file_that_is_cut_is_refused(void **state) {
    (void)state;
    FileBytes b = file_bytes_shared(FINAL);

    assert_cut_refused(open_bytes, &b);

    file_bytes_done(&b);
}

static void what_has_only_its_contributions_is_refused(void **state) {
    (void)state;
    static const uint32_t types[] = {1, 7}; /* as snarkjs's import with -nopoints leaves it */
    CvkErr err = {0};
    FileBytes b = file_bytes_shared(FINAL), other = file_bytes_order(&b, types, 2);

    assert_false(open_bytes(&other, &err));

    assert_string_equal(err.id, "section.missing");
    file_bytes_done(&b);
    file_bytes_done(&other);
}

/* ---- the hash state ---- */

/* A file that says its ceremony had power 25 (so that the counter passes 2^32), with this counter:
 * 64 bytes of hash and 192 * 2^25 + 32 of points, less the 96 in the buffer. */
#define COUNTER_25 ((uint64_t)192 << 25)

static FileBytes with_counter(uint64_t counter) {
    FileBytes b = file_bytes_shared(FINAL);
    b.data[file_bytes_section(&b, 1) + 12 + 40] = 25;
    cvk_put_le64(counter, b.data + file_bytes_section(&b, 7) + 12 + 4 + 1216 + 192);
    return b;
}

static void a_counter_that_lost_its_high_half_is_put_right(void **state) {
    (void)state;
    static const uint64_t written[] = {COUNTER_25, COUNTER_25 & 0xffffffff};
    for (size_t i = 0; i < 2; i++) {
        FileBytes b = with_counter(written[i]);
        size_t n;

        Ptau *p = open_good(&b);

        const Phase1Contribution *list = ptau_contributions(p, &n);
        assert_int_equal(list[0].partial.t, COUNTER_25);
        assert_int_equal(list[0].partial.pos, 96);
        ptau_close(p);
        file_bytes_done(&b);
    }
}

static void any_other_counter_is_refused(void **state) {
    (void)state;
    static const uint64_t wrong[] = {COUNTER_25 + 128, 0, COUNTER_25 + ((uint64_t)1 << 32),
                                     (COUNTER_25 & 0xffffffff) + 1, UINT64_MAX};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        FileBytes b = with_counter(wrong[i]);

        assert_refused_at(open_bytes, &b, "counter", "ptau.hash_state", 7, 4 + 1216 + 192);

        file_bytes_done(&b);
    }
}

static void what_is_left_over_in_the_buffer_is_nothing(void **state) {
    (void)state;
    FileBytes b = file_bytes_shared(FINAL);
    size_t tail = file_bytes_section(&b, 7) + 12 + 4 + 1216 + 96, n;
    uint8_t hash[2][BLAKE2B_BYTES];
    for (unsigned i = 0; i < 2; i++) {
        memset(b.data + tail, i == 0 ? 0 : 0xa5, 32);

        Ptau *p = open_good(&b);

        const Phase1Contribution *list = ptau_contributions(p, &n);
        phase1_response_hash(&list[0], hash[i]);
        ptau_close(p);
    }
    assert_memory_equal(hash[0], hash[1], BLAKE2B_BYTES);
    file_bytes_done(&b);
}

/* ---- large files ---- */

static void put_at(FILE *f, uint64_t at, const void *data, size_t n) {
    assert_int_equal(pwrite(fileno(f), data, n, (off_t)at), n);
}

/* Power 28: 103 GB, all of it holes but the heads. */
static void a_file_of_the_largest_power_is_indexed_without_reading_it(void **state) {
    CvkErr err = {0};
    char path[512];
    uint8_t head[12], header[HEADER_N];
    FileBytes small = file_bytes_shared(DET "d4_0000.ptau");
    FILE *f = fopen(scratch_path(*state, path, "large.ptau"), "wb");
    assert_non_null(f);
    memcpy(header, small.data + 24, HEADER_N);
    cvk_put_le32(28, header + 36);
    cvk_put_le32(28, header + 40);
    put_at(f, 0, small.data, 12);
    uint64_t at = 12;
    static const uint64_t sizes[] = {HEADER_N,
                                     64 * (((uint64_t)2 << 28) - 1),
                                     (uint64_t)128 << 28,
                                     (uint64_t)64 << 28,
                                     (uint64_t)64 << 28,
                                     128,
                                     4};
    for (uint32_t type = 1; type <= 7; type++) {
        cvk_put_le32(type, head);
        cvk_put_le64(sizes[type - 1], head + 4);
        put_at(f, at, head, sizeof head);
        at += sizeof head + sizes[type - 1];
    }
    put_at(f, 24, header, sizeof header);
    bool holes = ftruncate(fileno(f), (off_t)at) == 0;
    fclose(f);
    file_bytes_done(&small);
    if (!holes) {
        print_message("# SKIP: this file system has no files of %llu bytes\n",
                      (unsigned long long)at);
        skip();
    }
    Ptau *p;

    if (!ptau_open(path, &p, &err))
        fail_msg("%s", err.msg);

    const Vector *beta = &ptau_state(p)->v[PHASE1_BETA_G1];
    uint8_t last[64], zeros[64] = {0};
    assert_int_equal(beta->n, 1u << 28);
    assert_int_equal(beta->bytes.from + beta->bytes.n, at - 16 - 128 - 12);
    assert_true(cvk_source_read(&beta->bytes, beta->bytes.n - 64, last, 64, &err));
    assert_memory_equal(last, zeros, 64);
    ptau_close(p);
}

/* ---- writing ---- */

static void copy_section(SectionWriter *w, const Ptau *from, uint32_t type) {
    CvkErr err;
    assert_true(section_copy(w, ptau_file(from), type, &err));
}

static void what_is_written_again_is_the_same(void **state) {
    CvkErr err;
    SectionWriter *w;
    char path[512];
    _cleanup_buf_ CvkBuf got = CVK_BUF(100000);
    FileBytes b = file_bytes_shared(FINAL);
    Ptau *p = open_good(&b);
    assert_true(
        ptau_writer_open(scratch_path(*state, path, "a.ptau"), ptau_state(p), true, &w, &err));

    for (uint32_t type = 2; type <= 6; type++)
        copy_section(w, p, type);
    assert_true(ptau_write_contributions(w, p, NULL, &err));
    for (uint32_t type = 12; type <= 15; type++)
        copy_section(w, p, type);
    assert_true(section_writer_commit(w, &err));

    assert_true(cvk_file_read(path, &got, &err));
    assert_int_equal(got.n, b.n);
    assert_memory_equal(got.data, b.data, b.n);
    ptau_close(p);
    file_bytes_done(&b);
}

/* Over 4 GiB of points snarkjs writes the low half alone; ours has both. */
static void a_counter_over_4_gib_is_written_whole(void **state) {
    (void)state;
    CvkErr err;
    _cleanup_buf_ CvkBuf got = CVK_BUF(100000);
    CvkSink to = cvk_sink_buf(&got);
    FileBytes b = with_counter(COUNTER_25 & 0xffffffff);
    Ptau *p = open_good(&b);
    size_t n;
    const Phase1Contribution *list = ptau_contributions(p, &n);

    assert_true(ptau_contribution_write(&list[0], &to, &err));

    assert_true(cvk_le64((const uint8_t *)got.data + STATE + 192) == COUNTER_25);
    ptau_close(p);
    file_bytes_done(&b);
}

/* The last contribution of pot4_0002 is added to pot4_0001 as one that was just made. */
static void an_added_contribution_stands_behind_those_before(void **state) {
    CvkErr err;
    SectionWriter *w;
    CvkSource made;
    char path[512];
    size_t n;
    FileBytes before = file_bytes_shared("fixtures/snarkjs/pot4_0001.ptau"),
              after = file_bytes_shared("fixtures/snarkjs/pot4_0002.ptau");
    Ptau *p = open_good(&before), *q = open_good(&after);
    const Phase1Contribution *list = ptau_contributions(q, &n);
    assert_true(
        ptau_writer_open(scratch_path(*state, path, "a.ptau"), ptau_state(p), false, &w, &err));

    assert_true(ptau_write_contributions(w, p, &list[1], &err));

    assert_true(section_writer_read(w, PTAU_CONTRIBUTIONS, &made, &err));
    size_t want = file_bytes_section_n(&after, 7), at = file_bytes_section(&after, 7) + 12;
    size_t tail = want - (2 + 17 + 8 + 64 + 216) + 96; /* of the second one's buffer */
    uint8_t *bytes = malloc(want);
    assert_int_equal(made.n, want);
    assert_true(cvk_source_read(&made, 0, bytes, want, &err));
    memset(after.data + at + tail, 0, 32);
    assert_memory_equal(bytes, after.data + at, want);
    free(bytes);
    section_writer_abandon(w);
    ptau_close(p);
    ptau_close(q);
    file_bytes_done(&before);
    file_bytes_done(&after);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(snarkjs_files_are_read),
        TEST(sections_may_come_in_any_order),
        TEST(levels_of_a_lagrange_section_lie_one_behind_the_other),
        TEST(files_of_an_old_program_lack_a_level),
        TEST(levels_of_a_file_that_is_not_prepared_are_not_there),
        TEST(a_changed_field_is_refused_where_it_stands),
        TEST(sections_of_another_length_are_refused),
        TEST(a_missing_section_is_refused),
        TEST(a_file_that_is_cut_is_refused),
        TEST(what_has_only_its_contributions_is_refused),
        TEST(a_counter_that_lost_its_high_half_is_put_right),
        TEST(a_counter_over_4_gib_is_written_whole),
        TEST(any_other_counter_is_refused),
        TEST(what_is_left_over_in_the_buffer_is_nothing),
        TEST_SCRATCH(a_file_of_the_largest_power_is_indexed_without_reading_it),
        TEST_SCRATCH(what_is_written_again_is_the_same),
        TEST_SCRATCH(an_added_contribution_stands_behind_those_before),
    };
    return cmocka_run_group_tests_name("format/ptau", tests, NULL, NULL);
}
