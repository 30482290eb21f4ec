/* Documents in several forms: the same contents, made once, the old ones gone. */
#include "base/file.h"
#include "format/kzg_form.h"
#include "run/ceremony_private.h"
#include "run/world.h"

#include <dirent.h>
#include <unistd.h>
#include <zlib.h>

enum { ROOM = 1 << 20 };

static CvkBuf bytes_of(CeremonyFile *f) {
    CvkBuf b = CVK_BUF(ROOM);
    char piece[4096];
    for (ssize_t n; (n = read(f->fd, piece, sizeof piece)) > 0;)
        assert_true(cvk_buf_add(&b, piece, (size_t)n, NULL));
    assert_int_equal(b.n, f->size);
    close(f->fd);
    return b;
}

static CvkBuf unpacked(const CvkBuf *packed) {
    CvkBuf b = CVK_BUF(ROOM);
    char *out = malloc(ROOM);
    z_stream z = {.next_in = (unsigned char *)packed->data,
                  .avail_in = (uInt)packed->n,
                  .next_out = (unsigned char *)out,
                  .avail_out = ROOM};
    assert_non_null(out);
    assert_int_equal(inflateInit2(&z, 15 + 16), Z_OK);
    assert_int_equal(inflate(&z, Z_FINISH), Z_STREAM_END);
    assert_true(cvk_buf_add(&b, out, z.total_out, NULL));
    inflateEnd(&z);
    free(out);
    return b;
}

/* The challenge of whoever has the slot. */
static CeremonyFile challenge(World *w) {
    CeremonyFile f;
    assert_true(ceremony_challenge(w->c, &f, NULL));
    return f;
}

static CvkBuf json_of_binary(const CvkBuf *binary) {
    JsonMemory m = {.data = binary->data, .n = binary->n};
    KzgWire *wire;
    CvkBuf b = CVK_BUF(ROOM);
    assert_true(kzg_binary_read(json_from_memory(&m), binary->n, &wire, NULL));
    assert_true(kzg_contribution_write(json_to_buf(&b), wire, 0, KZG_JSON_SIGNATURES, NULL));
    kzg_wire_free(wire);
    return b;
}

static void assert_same(CvkBuf *a, CvkBuf *b) {
    assert_int_equal(a->n, b->n);
    assert_memory_equal(a->data, b->data, a->n);
    cvk_buf_done(a);
    cvk_buf_done(b);
}

/* The files in cache whose names end so. */
static size_t cached(const World *w, const char *end) {
    char path[512];
    size_t n = 0;
    snprintf(path, sizeof path, "%s/cache", w->at.dir);
    DIR *d = opendir(path);
    assert_non_null(d);
    for (const struct dirent *e = readdir(d); e != NULL; e = readdir(d)) {
        size_t k = strlen(e->d_name);
        n += k > strlen(end) && strcmp(e->d_name + k - strlen(end), end) == 0;
    }
    closedir(d);
    return n;
}

/* ---- challenges ---- */

static void a_challenge_is_the_same_in_every_form(void **state) {
    World *w = *state;
    CvkErr err;
    for (uint8_t i = 0; i < 2; i++) { /* the initial one, and one after a contribution */
        CeremonyFile json = challenge(w), binary = challenge(w), gzip = challenge(w);
        assert_true(ceremony_challenge_forms(w->c, &err));

        ceremony_challenge_form(w->c, AS_BINARY, &binary);
        ceremony_challenge_form(w->c, AS_GZIP, &gzip);

        assert_int_equal(binary.form, AS_BINARY);
        assert_int_equal(gzip.form, AS_GZIP);
        assert_string_not_equal(binary.etag, json.etag);
        assert_string_not_equal(gzip.etag, json.etag);
        CvkBuf plain = bytes_of(&json), raw = bytes_of(&binary), packed = bytes_of(&gzip);
        CvkBuf copy = CVK_BUF(ROOM), of_raw = json_of_binary(&raw), of_packed = unpacked(&packed);
        assert_true(cvk_buf_add(&copy, plain.data, plain.n, NULL));
        assert_same(&of_raw, &plain);
        assert_same(&of_packed, &copy);
        cvk_buf_done(&raw);
        cvk_buf_done(&packed);
        world_contribute(w, i == 0 ? "git|1|a" : "git|2|b", (uint8_t)(i + 1));
    }
}

static void the_binary_form_is_made_when_it_is_asked_for(void **state) {
    World *w = *state;
    CeremonyFile f = challenge(w);

    ceremony_challenge_form(w->c, AS_BINARY, &f);

    assert_int_equal(f.form, AS_BINARY);
    close(f.fd);
}

static void who_wants_json_gets_it(void **state) {
    World *w = *state;
    CeremonyFile f = challenge(w);
    int fd = f.fd;

    ceremony_challenge_form(w->c, AS_JSON, &f);

    assert_int_equal(f.form, AS_JSON);
    assert_int_equal(f.fd, fd);
    close(f.fd);
}

static void a_challenge_that_is_not_the_newest_is_not_exchanged(void **state) {
    World *w = *state;
    CvkErr err;
    CeremonyFile old = challenge(w), older = challenge(w);
    world_contribute(w, "git|1|a", 1);
    assert_true(ceremony_challenge_forms(w->c, &err));

    ceremony_challenge_form(w->c, AS_BINARY, &old);
    ceremony_challenge_form(w->c, AS_GZIP, &older);

    assert_int_equal(old.form, AS_JSON);
    assert_int_equal(older.form, AS_JSON);
    close(old.fd);
    close(older.fd);
}

static void the_forms_of_old_challenges_are_removed(void **state) {
    World *w = *state;
    CvkErr err;
    CeremonyFile f;
    for (uint8_t i = 1; i <= 3; i++) {
        char who[16];
        snprintf(who, sizeof who, "git|%u|x", i);
        world_contribute(w, who, i);
        assert_true(ceremony_challenge_forms(w->c, &err));
        assert_true(ceremony_transcript(w->c, AS_GZIP, &f, &err));
        close(f.fd);
    }
    assert_int_equal(cached(w, ".bin"), 1);
    assert_int_equal(cached(w, ".json.gz"), 2);
    assert_int_equal(cached(w, ".json"), 2);
}

/* By a worker: all of its jobs are done when the node is closed. */
static void the_forms_are_made_after_each_contribution(void **state) {
    World *w = *state;
    world_contribute(w, "git|1|a", 1);

    node_close(w->node);

    assert_int_equal(cached(w, ".bin"), 1);
    assert_int_equal(cached(w, ".json.gz"), 1);
    world_start(w);
}

/* ---- responses ---- */

static char *binary_of(const char *json, size_t n, size_t *ret_n) {
    JsonMemory m = {.data = json, .n = n};
    KzgWire *wire;
    CvkBuf b = CVK_BUF(ROOM);
    assert_true(kzg_contribution_read(json_from_memory(&m), n, &wire, NULL));
    assert_true(kzg_binary_write(json_to_buf(&b), wire, NULL));
    kzg_wire_free(wire);
    *ret_n = b.n;
    return cvk_buf_take(&b);
}

static void what_follows_a_binary_response_is_as_after_json(void **state) {
    World *w = *state;
    Session s = world_sign_in(w, "git|1|a");
    Refusal refusal;
    size_t n, json_n, binary_n;
    char *base = world_check_in(w, &s, &refusal, &n);
    char *json = world_respond(base, n, 1, "git|1|a", &json_n);
    char *binary = binary_of(json, json_n, &binary_n);

    Submit submit = world_upload(w, &s, binary, binary_n);

    assert_int_equal(submit.result, SUBMIT_ACCEPTED);
    JsonMemory m = {.data = json, .n = json_n};
    KzgWire *wire;
    CvkBuf expected = CVK_BUF(ROOM);
    assert_true(kzg_contribution_read(json_from_memory(&m), json_n, &wire, NULL));
    assert_true(kzg_challenge_write(json_to_buf(&expected), wire, 0, NULL));
    CeremonyFile f = challenge(w);
    CvkBuf found = bytes_of(&f);
    assert_same(&found, &expected);
    kzg_wire_free(wire);
    submit_done(&submit);
    free(base);
    free(json);
    free(binary);
}

static void a_binary_response_that_was_only_stored_is_judged_at_the_next_start(void **state) {
    World *w = *state;
    Session s = world_sign_in(w, "git|1|a");
    Refusal refusal;
    size_t n, json_n, binary_n;
    char *base = world_check_in(w, &s, &refusal, &n);
    char *json = world_respond(base, n, 1, "git|1|a", &json_n);
    char *binary = binary_of(json, json_n, &binary_n);
    Upload *u;
    Submit submit;
    assert_true(upload_begin(w->c, &s, binary_n, &u, NULL));
    assert_true(upload_write(u, binary, binary_n, NULL));
    assert_true(upload_store(u, &submit, NULL));
    assert_int_equal(submit.result, SUBMIT_STORED);
    upload_free(u);

    world_restart(w);

    assert_int_equal(world_contributions(w), 1);
    submit = world_upload(w, &s, binary, binary_n);
    assert_int_equal(submit.result, SUBMIT_ACCEPTED); /* the receipt, again */
    submit_done(&submit);
    free(base);
    free(json);
    free(binary);
}

static void what_is_not_quite_binary_leaves_the_turn(void **state) {
    World *w = *state;
    Session s = world_sign_in(w, "git|1|a");
    world_take_slot(w, &s);

    Submit cut = world_upload(w, &s,
                              "\x89"
                              "CVKKZG\x01\x01",
                              9);
    Submit large = world_upload(w, &s,
                                "\x89"
                                "CVKKZG\x01\x11\x00",
                                10);

    assert_int_equal(cut.result, SUBMIT_NOT_BINARY);
    assert_int_equal(large.result, SUBMIT_WRONG_SHAPE);
    assert_true(ceremony_may_upload(w->c, &s));
}

/* ---- transcripts ---- */

static KzgTranscriptWire *read_transcript(CeremonyFile *f) {
    KzgTranscriptWire *t;
    CvkErr err;
    CvkBuf b = bytes_of(f);
    JsonMemory m = {.data = b.data, .n = b.n};
    if (!kzg_transcript_read(json_from_memory(&m), b.n, &t, &err))
        fail_msg("%s", err.msg);
    cvk_buf_done(&b);
    return t;
}

static KzgTranscriptWire *part(World *w, uint64_t from, bool bare) {
    CeremonyFile f;
    assert_true(ceremony_transcript_part(w->c, from, bare, &f, NULL));
    assert_string_equal(f.etag, "");
    return read_transcript(&f);
}

static void assert_entries(const KzgTranscriptWire *part, size_t from,
                           const KzgTranscriptWire *whole) {
    size_t n = from < whole->n_ids ? whole->n_ids - from : 0;
    assert_int_equal(part->n_ids, n);
    assert_int_equal(part->n_ecdsa, n);
    for (size_t i = 0; i < n; i++)
        assert_string_equal(part->ids[i], whole->ids[from + i]);
    for (size_t k = 0; k < whole->n; k++) {
        const KzgWitnessWire *a = &part->subs[k].witness, *b = &whole->subs[k].witness;
        assert_int_equal(a->n_products, n);
        assert_int_equal(a->n_pubkeys, n);
        assert_int_equal(a->n_bls, n);
        if (n == 0)
            continue;
        assert_memory_equal(a->products, b->products + from, n * sizeof *a->products);
        assert_memory_equal(a->pubkeys, b->pubkeys + from, n * sizeof *a->pubkeys);
        assert_memory_equal(a->bls, b->bls + from, n * sizeof *a->bls);
    }
}

static void a_part_has_the_entries_from_there_on(void **state) {
    World *w = *state;
    CeremonyFile f;
    world_contribute(w, "git|1|a", 1);
    world_contribute(w, "git|2|b", 2);
    assert_true(ceremony_transcript(w->c, AS_JSON, &f, NULL));
    KzgTranscriptWire *whole = read_transcript(&f);

    for (size_t from = 0; from < 5; from++) {
        KzgTranscriptWire *with = part(w, from, false), *bare = part(w, from, true);
        assert_entries(with, from, whole);
        assert_entries(bare, from, whole);
        for (size_t k = 0; k < whole->n; k++) {
            size_t n = whole->subs[k].powers.n_g1;
            assert_int_equal(with->subs[k].powers.n_g1, n);
            assert_memory_equal(with->subs[k].powers.g1, whole->subs[k].powers.g1, n * 48);
            assert_int_equal(bare->subs[k].powers.n_g1, 0);
            assert_int_equal(bare->subs[k].powers.n_g2, 0);
        }
        kzg_transcript_wire_free(with);
        kzg_transcript_wire_free(bare);
    }
    kzg_transcript_wire_free(part(w, UINT64_MAX, true));
    kzg_transcript_wire_free(whole);
}

static void a_transcript_is_the_same_in_gzip(void **state) {
    World *w = *state;
    CeremonyFile json, gzip;
    world_contribute(w, "git|1|a", 1);
    assert_false(ceremony_transcript_ready(w->c, AS_GZIP));

    assert_true(ceremony_transcript(w->c, AS_GZIP, &gzip, NULL));

    assert_true(ceremony_transcript_ready(w->c, AS_GZIP));
    assert_true(ceremony_transcript_ready(w->c, AS_JSON));
    assert_true(ceremony_transcript(w->c, AS_JSON, &json, NULL));
    CvkBuf plain = bytes_of(&json), packed = bytes_of(&gzip), back = unpacked(&packed);
    assert_same(&back, &plain);
    cvk_buf_done(&packed);
}

static void a_part_leaves_no_file(void **state) {
    World *w = *state;
    char path[512];
    bool empty;
    CeremonyFile f;

    assert_true(ceremony_transcript_part(w->c, 0, true, &f, NULL));

    snprintf(path, sizeof path, "%s/tmp", w->at.dir);
    assert_true(cvk_dir_empty(path, &empty, NULL));
    assert_true(empty);
    close(f.fd);
}

#define IN_WORLD(fn) cmocka_unit_test_setup_teardown(fn, world_setup, world_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_WORLD(a_challenge_is_the_same_in_every_form),
        IN_WORLD(the_binary_form_is_made_when_it_is_asked_for),
        IN_WORLD(who_wants_json_gets_it),
        IN_WORLD(a_challenge_that_is_not_the_newest_is_not_exchanged),
        IN_WORLD(the_forms_of_old_challenges_are_removed),
        IN_WORLD(the_forms_are_made_after_each_contribution),
        IN_WORLD(what_follows_a_binary_response_is_as_after_json),
        IN_WORLD(a_binary_response_that_was_only_stored_is_judged_at_the_next_start),
        IN_WORLD(what_is_not_quite_binary_leaves_the_turn),
        IN_WORLD(a_part_has_the_entries_from_there_on),
        IN_WORLD(a_part_leaves_no_file),
        IN_WORLD(a_transcript_is_the_same_in_gzip),
    };
    return cmocka_run_group_tests_name("run/forms", tests, NULL, NULL);
}
