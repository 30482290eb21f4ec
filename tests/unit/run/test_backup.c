/* Backups, directories made from them, and what a damaged directory still gives. */
#include "base/file.h"
#include "base/hex.h"
#include "run/backup.h"
#include "run/ceremony_private.h"
#include "run/world.h"

#include <dirent.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

/* Two contributions are in the backup; what comes later is the test's. The server runs on. */
typedef struct {
    World w;
    Scratch elsewhere;
    char backup[512], dir[512]; /* dir: to restore to; not there yet */
    BackupReport made;
    RestoreReport restored;
} Site;

static void must_back_up(Site *x) {
    CvkErr err;
    if (!node_backup(x->w.at.dir, x->backup, 1234567, &x->made, (CvkProgress){0}, &err))
        fail_msg("%s: %s", err.id, err.msg);
}

static int begin(void **state) {
    static Site x;
    memset(&x, 0, sizeof x);
    world_open(&x.w, world_prompt);
    scratch_make(&x.elsewhere);
    scratch_path(&x.elsewhere, x.backup, "backup");
    scratch_path(&x.elsewhere, x.dir, "restored");
    world_contribute(&x.w, "git|1|a", 1);
    world_contribute(&x.w, "git|2|b", 2);
    *state = &x;
    return 0;
}

static int end(void **state) {
    Site *x = *state;
    world_close(&x->w);
    scratch_remove(&x->elsewhere);
    return 0;
}
#define SITE(fn) cmocka_unit_test_setup_teardown(fn, begin, end)

static bool restore(Site *x, const char *damaged, CvkErr *err) {
    *err = (CvkErr){.id = ""};
    return node_restore(x->backup, x->dir, damaged, &x->restored, (CvkProgress){0}, err);
}

static void must_restore(Site *x, const char *damaged) {
    CvkErr err;
    if (!restore(x, damaged, &err))
        fail_msg("%s: %s", err.id, err.msg);
}

/* Nothing is left where it should have been. */
static void must_refuse(Site *x, const char *damaged, const char *id) {
    CvkErr err;
    assert_false(restore(x, damaged, &err));
    if (strcmp(err.id, id) != 0)
        fail_msg("%s: %s", err.id, err.msg);
    assert_false(cvk_file_exists(x->dir));
}

/* Goes on with the restored directory instead of the first; the world's directory stays. */
static void go_on(Site *x) {
    char first[sizeof x->w.at.dir];
    node_close(x->w.node);
    memcpy(first, x->w.at.dir, sizeof first);
    snprintf(x->w.at.dir, sizeof x->w.at.dir, "%.100s", x->dir);
    world_start(&x->w);
    CvkErr err;
    assert_true(node_ceremony(x->w.node, NULL, &x->w.c, &err));
    memcpy(x->w.at.dir, first, sizeof first);
}

static void stop(Site *x) {
    x->w.node = node_close(x->w.node);
}

static void flip(const char *path, off_t at) {
    uint8_t byte;
    int fd = open(path, O_RDWR);
    assert_true(fd >= 0);
    assert_int_equal(pread(fd, &byte, 1, at), 1);
    byte ^= 1;
    assert_int_equal(pwrite(fd, &byte, 1, at), 1);
    close(fd);
}

static void sql(const char *dir, const char *text) {
    char path[512];
    sqlite3 *db;
    char *why = NULL;
    snprintf(path, sizeof path, "%s/convoke.db", dir);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    sqlite3_exec(db, text, NULL, NULL, &why);
    if (why != NULL)
        fail_msg("%s", why);
    sqlite3_close(db);
}

static void newest_blob(Site *x, const char *dir, char ret[512]) {
    Newest newest;
    ceremony_newest(x->w.c, &newest);
    blob_path(dir, newest.response, ret, 512);
}

/* ---- backup and restore ---- */

static void a_backup_of_a_running_server_tells_what_is_in_it(void **state) {
    Site *x = *state;

    must_back_up(x);

    assert_int_equal(x->made.n, 1);
    assert_string_equal(x->made.ceremony[0].name, "small");
    assert_int_equal(x->made.ceremony[0].contributions, 2);
    assert_int_equal(x->made.ceremony[0].entries, x->w.c->seq);
    assert_int_equal(x->made.made_ms, 1234567);
    assert_in_range(x->made.files, 4, 5); /* database, key, two responses, perhaps a head */
}

static void a_restored_directory_goes_on_where_the_backup_was_made(void **state) {
    Site *x = *state;
    must_back_up(x);

    must_restore(x, NULL);

    assert_int_equal(x->restored.n, 1);
    assert_memory_equal(&x->restored.ceremony[0], &x->made.ceremony[0], sizeof(BackupCeremony));
    assert_int_equal(x->restored.backup.made_ms, 1234567);
    go_on(x);
    assert_int_equal(world_contributions(&x->w), 2);
    world_contribute(&x->w, "git|3|c", 3);
    assert_int_equal(world_contributions(&x->w), 3);
}

static void what_came_after_a_backup_is_not_in_it(void **state) {
    Site *x = *state;
    must_back_up(x);
    world_contribute(&x->w, "git|3|c", 3);

    must_restore(x, NULL);

    go_on(x);
    assert_int_equal(world_contributions(&x->w), 2);
}

static void a_turn_under_way_is_in_the_backup(void **state) {
    Site *x = *state;
    Session s = world_sign_in(&x->w, "git|3|c");
    Refusal refusal;
    size_t n, m;
    char *challenge = world_check_in(&x->w, &s, &refusal, &n);
    assert_non_null(challenge);
    char *response = world_respond(challenge, n, 3, "git|3|c", &m);
    must_back_up(x);

    must_restore(x, NULL);

    go_on(x);
    Submit got = world_upload(&x->w, &s, response, m);
    assert_int_equal(got.result, SUBMIT_ACCEPTED);
    submit_done(&got);
    free(challenge);
    free(response);
}

static void files_are_as_private_as_they_were(void **state) {
    Site *x = *state;
    static const char *const names[] = {"server.key", "convoke.db"};
    must_back_up(x);

    must_restore(x, NULL);

    for (size_t i = 0; i < 2; i++) {
        char path[640];
        struct stat st;
        snprintf(path, sizeof path, "%s/%s", x->dir, names[i]);
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_mode & 0777, 0600);
    }
}

/* ---- refusals ---- */

static void a_directory_that_is_used_is_left_alone(void **state) {
    Site *x = *state;
    CvkErr err;
    must_back_up(x);

    assert_false(node_backup(x->w.at.dir, x->backup, 1, &x->made, (CvkProgress){0}, &err));
    assert_string_equal(err.id, "dir.used");
    assert_false(node_restore(x->backup, x->w.at.dir, NULL, &x->restored, (CvkProgress){0}, &err));
    assert_string_equal(err.id, "dir.used");
    must_restore(x, NULL);
}

static void what_is_no_directory_of_convoke_s_has_no_backup(void **state) {
    Site *x = *state;
    CvkErr err;

    assert_false(node_backup(x->elsewhere.dir, x->backup, 1, &x->made, (CvkProgress){0}, &err));

    assert_string_equal(err.id, "dir.none");
    assert_false(cvk_file_exists(x->backup));
}

static void a_backup_that_was_not_finished_is_none(void **state) {
    Site *x = *state;
    char path[640];
    must_back_up(x);
    snprintf(path, sizeof path, "%s/backup.json", x->backup);
    assert_int_equal(unlink(path), 0);

    must_refuse(x, NULL, "backup.none");
}

/* Every file of the backup but its list: first byte, last byte. */
static void flip_each(Site *x, const char *dir, unsigned depth) {
    DIR *d = opendir(dir);
    assert_non_null(d);
    for (struct dirent *e = readdir(d); e != NULL; e = readdir(d)) {
        char path[1024];
        struct stat st;
        snprintf(path, sizeof path, "%s/%s", dir, e->d_name);
        if (e->d_name[0] == '.' || strcmp(e->d_name, "backup.json") == 0)
            continue;
        assert_int_equal(stat(path, &st), 0);
        if (S_ISDIR(st.st_mode)) {
            assert_in_range(depth, 0, 2);
            flip_each(x, path, depth + 1);
            continue;
        }
        off_t places[] = {0, st.st_size - 1};
        for (size_t i = 0; i < 2; i++) {
            CvkErr err;
            flip(path, places[i]);
            assert_false(restore(x, NULL, &err));
            assert_string_equal(err.id, "backup.damaged");
            assert_non_null(strstr(err.msg, e->d_name));
            flip(path, places[i]);
        }
    }
    closedir(d);
}

static void a_flipped_byte_in_any_file_of_a_backup_is_found(void **state) {
    Site *x = *state;
    must_back_up(x);

    flip_each(x, x->backup, 0);

    must_restore(x, NULL);
}

static void a_list_that_was_changed_is_refused(void **state) {
    Site *x = *state;
    char path[640];
    CvkErr err;
    CvkBuf was = CVK_BUF(LIMIT_TEXT_FILE);
    must_back_up(x);
    snprintf(path, sizeof path, "%s/backup.json", x->backup);
    assert_true(cvk_file_read(path, &was, &err));
    static const struct {
        const char *from, *to, *id;
    } cases[] = {{"\"contributions\": 2", "\"contributions\": 3", "backup.damaged"},
                 {"server.key", "server/key", "backup.shape"},
                 {"server.key", "../ver.key", "backup.shape"},
                 {"\"convoke_backup\": 1", "\"convoke_backup\": 2", "backup.shape"},
                 {"\"files\"", "\"FILES\"", "backup.shape"}};

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *at = strstr(was.data, cases[i].from);
        assert_non_null(at);
        memcpy(at, cases[i].to, strlen(cases[i].to));
        assert_true(cvk_file_write(path, was.data, was.n, 0600, &err));
        must_refuse(x, NULL, cases[i].id);
        memcpy(at, cases[i].from, strlen(cases[i].from));
    }
    cvk_buf_done(&was);
}

static void a_damaged_directory_has_no_backup(void **state) {
    Site *x = *state;
    CvkErr err;
    stop(x);
    sql(x->w.at.dir, "UPDATE journal SET json = replace(json, 'now\":', 'now\":1') WHERE seq = 3");

    assert_false(node_backup(x->w.at.dir, x->backup, 1, &x->made, (CvkProgress){0}, &err));

    assert_string_equal(err.id, "journal.broken");
    assert_non_null(strstr(err.msg, "entry 3"));
    assert_false(cvk_file_exists(x->backup));
}

static void a_contribution_whose_row_was_changed_has_no_backup(void **state) {
    Site *x = *state;
    CvkErr err;
    stop(x);
    sql(x->w.at.dir, "UPDATE contribution SET record = x'00' WHERE idx = 1");

    assert_false(node_backup(x->w.at.dir, x->backup, 1, &x->made, (CvkProgress){0}, &err));

    assert_string_equal(err.id, "store.damaged");
}

static void a_response_that_is_missing_or_damaged_is_told(void **state) {
    Site *x = *state;
    char path[512];
    CvkErr err;
    newest_blob(x, x->w.at.dir, path);

    flip(path, 10);
    assert_false(node_backup(x->w.at.dir, x->backup, 1, &x->made, (CvkProgress){0}, &err));
    assert_string_equal(err.id, "blob.damaged");
    unlink(path);
    assert_false(node_backup(x->w.at.dir, x->backup, 1, &x->made, (CvkProgress){0}, &err));
    assert_string_equal(err.id, "blob.none");
    assert_false(cvk_file_exists(x->backup));
}

/* ---- salvage ---- */

/* Two more after the backup; the server is stopped. Returns the journal's entries in the end. */
static uint64_t two_more(Site *x) {
    must_back_up(x);
    world_contribute(&x->w, "git|3|c", 3);
    world_contribute(&x->w, "git|4|d", 4);
    return x->w.c->seq;
}

static void all_that_came_after_the_backup_is_salvaged(void **state) {
    Site *x = *state;
    uint64_t entries = two_more(x);
    stop(x);

    must_restore(x, x->w.at.dir);

    const Salvaged *s = &x->restored.salvaged[0];
    assert_int_equal(s->taken_contributions, 2);
    assert_int_equal(s->taken_entries, entries - x->made.ceremony[0].entries);
    assert_false(s->unclear);
    assert_int_equal(s->lost_entries + s->lost_contributions + s->lost_blobs + s->lost_parts, 0);
    assert_true(x->restored.tables_whole);
    assert_int_equal(x->restored.ceremony[0].entries, entries);
    go_on(x);
    assert_int_equal(world_contributions(&x->w), 4);
    world_contribute(&x->w, "git|5|e", 5);
}

static void keys_of_salvaged_contributions_stay_used(void **state) {
    Site *x = *state;
    two_more(x);
    stop(x);

    must_restore(x, x->w.at.dir);

    go_on(x);
    Session s = world_sign_in(&x->w, "git|5|e");
    Refusal refusal;
    size_t n, m;
    char *challenge = world_check_in(&x->w, &s, &refusal, &n);
    char *response = world_respond(challenge, n, 4, "git|5|e", &m); /* the secrets of git|4|d */
    Submit got = world_upload(&x->w, &s, response, m);
    assert_int_equal(got.result, SUBMIT_REFUSED);
    assert_string_equal(got.code, "CeremonyError::DuplicateKey");
    submit_done(&got);
    free(challenge);
    free(response);
}

static void an_entry_that_the_backup_has_is_taken_from_it(void **state) {
    Site *x = *state;
    uint64_t entries = two_more(x);
    stop(x);
    sql(x->w.at.dir,
        "UPDATE journal SET json = 'x' WHERE seq = 3; DELETE FROM journal WHERE seq = 4;"
        "DELETE FROM contribution WHERE idx = 1");

    must_restore(x, x->w.at.dir);

    assert_int_equal(x->restored.ceremony[0].entries, entries);
    assert_int_equal(x->restored.ceremony[0].contributions, 4);
}

static void behind_an_entry_that_is_lost_nothing_can_be_taken(void **state) {
    Site *x = *state;
    char text[128];
    uint64_t entries = two_more(x);
    stop(x);
    snprintf(text, sizeof text, "UPDATE journal SET json = 'x' WHERE seq = %llu",
             (unsigned long long)entries); /* the last acceptance */
    sql(x->w.at.dir, text);

    must_restore(x, x->w.at.dir);

    const Salvaged *s = &x->restored.salvaged[0];
    assert_int_equal(s->taken_contributions, 1);
    assert_int_equal(s->lost_contributions, 1);
    assert_int_equal(s->lost_entries, 1);
    assert_int_equal(x->restored.ceremony[0].entries, entries - 1);
    go_on(x);
    assert_int_equal(world_contributions(&x->w), 4); /* its response was there: verified again */
}

static void a_contribution_without_its_row_ends_what_can_be_taken(void **state) {
    Site *x = *state;
    two_more(x);
    stop(x);
    sql(x->w.at.dir, "UPDATE contribution SET record = x'00' WHERE idx = 3");

    must_restore(x, x->w.at.dir);

    const Salvaged *s = &x->restored.salvaged[0];
    assert_int_equal(s->taken_contributions, 0);
    assert_int_equal(s->lost_contributions, 2);
    assert_true(s->lost_entries > 1);
}

/* No server could go on behind it: that person could come again. */
static void an_admission_without_its_private_part_ends_what_can_be_taken(void **state) {
    Site *x = *state;
    two_more(x);
    stop(x);
    sql(x->w.at.dir,
        "DELETE FROM journal_private WHERE seq = (SELECT max(seq) FROM journal_private)");

    must_restore(x, x->w.at.dir);

    const Salvaged *s = &x->restored.salvaged[0];
    assert_int_equal(s->taken_contributions, 1);
    assert_int_equal(s->lost_contributions, 1);
    assert_int_equal(s->lost_parts, 1);
    go_on(x);
    assert_int_equal(world_contributions(&x->w), 3);
    world_contribute(&x->w, "git|5|e", 5);
}

static void the_newest_contribution_needs_its_response(void **state) {
    Site *x = *state;
    char path[512];
    two_more(x);
    newest_blob(x, x->w.at.dir, path);
    stop(x);
    unlink(path);

    must_restore(x, x->w.at.dir);

    assert_int_equal(x->restored.salvaged[0].taken_contributions, 1);
    assert_int_equal(x->restored.salvaged[0].lost_contributions, 1);
}

static void an_older_contribution_does_without_its_response(void **state) {
    Site *x = *state;
    char path[512];
    must_back_up(x);
    world_contribute(&x->w, "git|3|c", 3);
    newest_blob(x, x->w.at.dir, path);
    world_contribute(&x->w, "git|4|d", 4);
    stop(x);
    flip(path, 5);

    must_restore(x, x->w.at.dir);

    assert_int_equal(x->restored.salvaged[0].taken_contributions, 2);
    assert_int_equal(x->restored.salvaged[0].lost_blobs, 1);
}

static void a_damaged_file_of_the_backup_is_taken_from_the_directory(void **state) {
    Site *x = *state;
    char path[512], key[640];
    newest_blob(x, x->backup, path);
    two_more(x);
    stop(x);
    flip(path, 7);
    snprintf(key, sizeof key, "%s/server.key", x->backup);
    unlink(key);

    must_restore(x, x->w.at.dir);

    assert_int_equal(x->restored.files_repaired, 2);
    assert_int_equal(x->restored.ceremony[0].contributions, 4);
}

static void a_database_that_is_gone_leaves_the_backup(void **state) {
    Site *x = *state;
    char path[640];
    two_more(x);
    stop(x);
    snprintf(path, sizeof path, "%s/convoke.db", x->w.at.dir);
    assert_int_equal(truncate(path, 100), 0);

    must_restore(x, x->w.at.dir);

    assert_true(x->restored.database_lost);
    assert_int_equal(x->restored.ceremony[0].contributions, 2);
}

static void the_damaged_directory_stays_as_it_is(void **state) {
    Site *x = *state;
    char path[640];
    struct stat before, after;
    two_more(x);
    stop(x);
    snprintf(path, sizeof path, "%s/convoke.db", x->w.at.dir);
    assert_int_equal(stat(path, &before), 0);

    must_restore(x, x->w.at.dir);

    assert_int_equal(stat(path, &after), 0);
    assert_int_equal(before.st_size, after.st_size);
    assert_memory_equal(&before.st_mtim, &after.st_mtim, sizeof before.st_mtim);
}

/* What comes out always opens and was replayed: node_restore tries it. */
static void a_flipped_byte_in_the_damaged_database_never_spoils_what_is_restored(void **state) {
    Site *x = *state;
    char path[640];
    struct stat st;
    size_t whole = 0, partly = 0;
    two_more(x);
    stop(x);
    snprintf(path, sizeof path, "%s/convoke.db", x->w.at.dir);
    assert_int_equal(stat(path, &st), 0);

    for (off_t at = 0; at < st.st_size; at += 5003) {
        char gone[640];
        flip(path, at);
        must_restore(x, x->w.at.dir);
        uint64_t n = x->restored.ceremony[0].contributions;
        assert_in_range(n, 2, 4);
        const Salvaged *s = &x->restored.salvaged[0];
        assert_true(n == 4 || x->restored.database_lost || s->unclear || s->lost_entries != 0);
        *(n == 4 ? &whole : &partly) += 1;
        flip(path, at);
        snprintf(gone, sizeof gone, "%s", x->dir);
        scratch_remove_at(AT_FDCWD, gone);
    }

    print_message("%zu times all, %zu times a part\n", whole, partly);
    assert_true(whole > 5);
}

static void log_out(World *w, const Session *s) {
    CvkErr err;
    if (!node_log_out(w->node, w->c, s, &err))
        fail_msg("%s: %s", err.id, err.msg);
}

/* Is the session of this generation git|3|c's? */
static bool knows(World *w, uint64_t generation) {
    char id[AUTH_SESSION_TEXT];
    Session s;
    auth_session_id(w->c->host.auth, w->c->id, "git|3|c", generation, id);
    return ceremony_session(w->c, id, &s);
}

static void who_logged_out_after_the_backup_is_logged_out_in_what_is_salvaged(void **state) {
    Site *x = *state;
    Session s = world_sign_in(&x->w, "git|3|c");
    log_out(&x->w, &s);
    s = world_sign_in(&x->w, "git|3|c");
    must_back_up(x);
    log_out(&x->w, &s);
    stop(x);

    must_restore(x, x->w.at.dir);

    go_on(x);
    assert_false(knows(&x->w, 1));
    world_sign_in(&x->w, "git|3|c");
    assert_false(knows(&x->w, 1));
    assert_true(knows(&x->w, 2));
}

static void another_ceremony_s_directory_gives_nothing(void **state) {
    Site *x = *state;
    must_back_up(x);
    stop(x);
    sql(x->w.at.dir, "UPDATE journal SET hash = zeroblob(32)");

    must_refuse(x, x->w.at.dir, "salvage.other");
}

int main(void) {
    static const char memory[] = "/dev/shm"; /* where there is one, nothing waits for a disk */
    if (getenv("TMPDIR") == NULL && access(memory, W_OK | X_OK) == 0)
        assert_int_equal(setenv("TMPDIR", memory, 0), 0);
    const struct CMUnitTest tests[] = {
        SITE(a_backup_of_a_running_server_tells_what_is_in_it),
        SITE(a_restored_directory_goes_on_where_the_backup_was_made),
        SITE(what_came_after_a_backup_is_not_in_it),
        SITE(a_turn_under_way_is_in_the_backup),
        SITE(files_are_as_private_as_they_were),
        SITE(a_directory_that_is_used_is_left_alone),
        SITE(what_is_no_directory_of_convoke_s_has_no_backup),
        SITE(a_backup_that_was_not_finished_is_none),
        SITE(a_flipped_byte_in_any_file_of_a_backup_is_found),
        SITE(a_list_that_was_changed_is_refused),
        SITE(a_damaged_directory_has_no_backup),
        SITE(a_contribution_whose_row_was_changed_has_no_backup),
        SITE(a_response_that_is_missing_or_damaged_is_told),
        SITE(all_that_came_after_the_backup_is_salvaged),
        SITE(keys_of_salvaged_contributions_stay_used),
        SITE(an_entry_that_the_backup_has_is_taken_from_it),
        SITE(behind_an_entry_that_is_lost_nothing_can_be_taken),
        SITE(a_contribution_without_its_row_ends_what_can_be_taken),
        SITE(an_admission_without_its_private_part_ends_what_can_be_taken),
        SITE(the_newest_contribution_needs_its_response),
        SITE(an_older_contribution_does_without_its_response),
        SITE(a_damaged_file_of_the_backup_is_taken_from_the_directory),
        SITE(a_database_that_is_gone_leaves_the_backup),
        SITE(the_damaged_directory_stays_as_it_is),
        SITE(a_flipped_byte_in_the_damaged_database_never_spoils_what_is_restored),
        SITE(who_logged_out_after_the_backup_is_logged_out_in_what_is_salvaged),
        SITE(another_ceremony_s_directory_gives_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
