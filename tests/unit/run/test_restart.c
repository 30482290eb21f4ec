/* What a start finds on the disk: snapshots, half-made ceremonies, damage. */
#include "base/file.h"
#include "run/journal.h"
#include "run/preset.h"
#include "run/world.h"

#include <fcntl.h>
#include <unistd.h>

/* ---- snapshots ---- */

static void put_snapshot(World *w, uint64_t seq) {
    CvkBuf bytes = CVK_BUF(LIMIT_SNAPSHOT);
    CvkErr err;
    assert_true(journal_snapshot(w->c, &bytes, &err));
    assert_true(store_snapshot_put(w->c->store, w->c->id, seq, bytes.data, bytes.n, &err));
    cvk_buf_done(&bytes);
}

static void a_start_with_nothing_behind_the_snapshot_goes_on(void **state) {
    World *w = *state;
    world_contribute(w, "git|1|a", 1);
    put_snapshot(w, w->c->seq);

    world_restart(w);

    assert_int_equal(world_contributions(w), 1);
    world_contribute(w, "git|2|b", 2);
    assert_int_equal(world_contributions(w), 2);
}

static void a_start_with_something_behind_the_snapshot_goes_on(void **state) {
    World *w = *state;
    world_contribute(w, "git|1|a", 1);
    put_snapshot(w, w->c->seq);
    world_contribute(w, "git|2|b", 2);

    world_restart(w);

    assert_int_equal(world_contributions(w), 2);
    world_contribute(w, "git|3|c", 3);
}

static void a_snapshot_from_beyond_the_journal_is_not_believed(void **state) {
    World *w = *state;
    world_contribute(w, "git|1|a", 1);
    put_snapshot(w, w->c->seq + 5);

    world_restart(w);

    assert_int_equal(world_contributions(w), 1);
    world_contribute(w, "git|2|b", 2);
}

/* ---- damage ---- */

static void newest_blob(World *w, char ret[512]) {
    Newest newest;
    ceremony_newest(w->c, &newest);
    blob_path(w->at.dir, newest.response, ret, 512);
}

/* The server must refuse to start, until `from` is put back as `to`. */
static void refuses_to_start(World *w, const char *id, const char *from, const char *to) {
    CvkErr err;
    node_close(w->node);
    w->node = NULL;
    assert_false(
        node_open(w->at.dir, (NodeOptions){.serving = true, .threads = 1}, &w->node, &err));
    assert_string_equal(err.id, id);
    assert_non_null(strstr(err.msg, "backup"));
    assert_int_equal(rename(from, to), 0);
    world_start(w);
}

static void a_start_without_the_newest_response_is_refused(void **state) {
    World *w = *state;
    char path[512], away[520];
    world_contribute(w, "git|1|a", 1);
    newest_blob(w, path);
    snprintf(away, sizeof away, "%s.away", path);
    assert_int_equal(rename(path, away), 0);

    refuses_to_start(w, "blob.none", away, path);
}

static void a_start_with_a_changed_response_is_refused(void **state) {
    World *w = *state;
    char path[512], copy[520], bytes[65536];
    CvkErr err;
    world_contribute(w, "git|1|a", 1);
    newest_blob(w, path);
    snprintf(copy, sizeof copy, "%s.copy", path);
    FILE *f = fopen(path, "rb");
    size_t n = fread(bytes, 1, sizeof bytes, f);
    fclose(f);
    assert_true(n > 0 && n < sizeof bytes);
    assert_true(cvk_file_write(copy, bytes, n, 0600, &err));
    bytes[n / 2] ^= 1;
    assert_true(cvk_file_write(path, bytes, n, 0600, &err));

    refuses_to_start(w, "blob.damaged", copy, path);
}

static void a_start_makes_the_directories_that_are_missing(void **state) {
    World *w = *state;
    static const char *const names[] = {"tmp", "cache", "blobs"};
    char path[512];
    node_close(w->node);
    for (size_t i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "%s/%s", w->at.dir, names[i]);
        cvk_dir_clear(path);
        assert_int_equal(rmdir(path), 0);
    }

    world_start(w);

    assert_true(node_ceremony(w->node, NULL, &w->c, NULL));
    world_contribute(w, "git|1|a", 1);
}

static void a_start_with_a_damaged_key_is_refused(void **state) {
    World *w = *state;
    static const char *const bad[] = {
        "", "what?", "0000000000000000000000000000000000000000000000000000000000000000"};
    char path[512], copy[520];
    CvkErr err;
    snprintf(path, sizeof path, "%s/server.key", w->at.dir);
    snprintf(copy, sizeof copy, "%s.copy", path);
    assert_int_equal(rename(path, copy), 0);
    node_close(w->node);
    w->node = NULL;

    for (size_t i = 0; i < 3; i++) {
        assert_true(cvk_file_write(path, bad[i], strlen(bad[i]), 0600, &err));
        assert_false(node_open(w->at.dir, (NodeOptions){.threads = 1, .clock = world_clock},
                               &w->node, &err));
        assert_string_equal(err.id, "key.damaged");
        assert_non_null(strstr(err.msg, "backup"));
    }
    assert_int_equal(rename(copy, path), 0);
    world_start(w);
}

/* ---- a ceremony that was being made ---- */

static void a_ceremony_whose_making_was_cut_off_is_whole_after_a_start(void **state) {
    World *w = *state;
    Definition d;
    Ceremony *half;
    int64_t id;
    CvkErr err;
    CeremonyStatus status;
    assert_true(definition_make("half", "kzg", WORLD_SIZES, world_prompt, &d, &err));
    char *json = definition_write(&d, &err);
    assert_true(store_ceremony_add(w->c->store, "half", "kzg", json, world_wall_ms, &id, &err));
    free(json);

    node_close(w->node);
    world_start(w);

    assert_true(node_ceremony(w->node, "half", &half, &err));
    assert_true(ceremony_tick(half, &err));
    ceremony_status(half, &status);
    assert_true(status.view.open);
    w->c = half;
    world_contribute(w, "git|1|a", 1);
}

static void the_last_ceremony_that_has_no_room_harms_none(void **state) {
    World *w = *state;
    char name[16];
    CvkErr err;
    for (int i = 1; i < LIMIT_CEREMONIES; i++) {
        snprintf(name, sizeof name, "c%d", i);
        assert_true(node_ceremony_new(w->node, name, "kzg", "4,3", NULL, &err));
    }

    assert_false(node_ceremony_new(w->node, "more", "kzg", "4,3", NULL, &err));

    assert_string_equal(err.id, "limit.ceremonies");
    node_close(w->node);
    world_start(w);
}

int main(void) {
#define IN_WORLD(fn) cmocka_unit_test_setup_teardown(fn, world_setup, world_teardown)
    const struct CMUnitTest tests[] = {
        IN_WORLD(a_start_with_nothing_behind_the_snapshot_goes_on),
        IN_WORLD(a_start_with_something_behind_the_snapshot_goes_on),
        IN_WORLD(a_snapshot_from_beyond_the_journal_is_not_believed),
        IN_WORLD(a_start_without_the_newest_response_is_refused),
        IN_WORLD(a_start_with_a_changed_response_is_refused),
        IN_WORLD(a_start_makes_the_directories_that_are_missing),
        IN_WORLD(a_start_with_a_damaged_key_is_refused),
        IN_WORLD(a_ceremony_whose_making_was_cut_off_is_whole_after_a_start),
        IN_WORLD(the_last_ceremony_that_has_no_room_harms_none),
    };
    return cmocka_run_group_tests_name("run/restart", tests, NULL, NULL);
}
