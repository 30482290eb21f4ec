/* What uploads leave on the disk, and judgements that are cut off. */
#include "run/ceremony_private.h"
#include "run/world.h"

#include <dirent.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

/* Files in DIR/name, or in the directories there. */
static size_t files_in(const World *w, const char *name, bool deep) {
    char path[512];
    size_t n = 0;
    snprintf(path, sizeof path, "%s/%s", w->at.dir, name);
    DIR *d = opendir(path);
    assert_non_null(d);
    for (struct dirent *e; (e = readdir(d)) != NULL;) {
        if (e->d_name[0] == '.')
            continue;
        char below[300];
        snprintf(below, sizeof below, "%s/%.200s", name, e->d_name);
        n += deep ? files_in(w, below, false) : 1;
    }
    closedir(d);
    return n;
}

static size_t blobs(const World *w) {
    return files_in(w, "blobs", true);
}

static size_t uploads(const World *w) {
    return files_in(w, "tmp", false);
}

/* Somebody with the turn, and a valid response. */
typedef struct {
    Session session;
    char *bytes;
    size_t n;
} Holder;

static Holder take_turn(World *w, const char *identity, uint8_t seed) {
    Holder h = {.session = world_sign_in(w, identity)};
    Refusal refusal;
    size_t n;
    char *challenge = world_check_in(w, &h.session, &refusal, &n);
    assert_int_equal(refusal, REFUSAL_NONE);
    h.bytes = world_respond(challenge, n, seed, identity, &h.n);
    free(challenge);
    return h;
}

static Submit give(World *w, const Holder *h) {
    return world_upload(w, &h->session, h->bytes, h->n);
}

/* ---- what stays on the disk ---- */

static void a_response_behind_the_one_that_is_judged_leaves_nothing(void **state) {
    World *w = *state;
    Holder h = take_turn(w, "git|1|a", 5);
    uint8_t other[32] = {1};
    Events events;
    Refusal refusal;
    CvkErr err;
    CeremonyStatus status;
    ceremony_status(w->c, &status);
    Command store = {.type = COMMAND_STORE, .lease = status.view.lease.number, .hash = other};
    assert_true(ceremony_execute(w->c, &store, NULL, &events, &refusal, &err));

    Submit submit = give(w, &h);

    assert_int_equal(submit.result, SUBMIT_NOT_YOURS);
    assert_int_equal(blobs(w), 0);
    assert_int_equal(uploads(w), 0);
    free(h.bytes);
}

static void a_refused_response_leaves_nothing(void **state) {
    World *w = *state;
    world_contribute(w, "git|1|a", 7);
    Holder h = take_turn(w, "git|2|b", 7); /* the same key again */

    Submit submit = give(w, &h);

    assert_int_equal(submit.result, SUBMIT_REFUSED);
    assert_int_equal(blobs(w), 1);
    free(h.bytes);
}

static void an_accepted_response_stays_when_somebody_else_gives_it_in_vain(void **state) {
    World *w = *state;
    Holder a = take_turn(w, "git|1|a", 7);
    Submit submit = give(w, &a);
    submit_done(&submit);
    Holder b = take_turn(w, "git|2|b", 8);

    submit = world_upload(w, &b.session, a.bytes, a.n);

    assert_int_equal(submit.result, SUBMIT_REFUSED);
    assert_int_equal(blobs(w), 1);
    world_restart(w);
    world_contribute(w, "git|3|c", 9);
    free(a.bytes);
    free(b.bytes);
}

static void a_repeated_upload_takes_no_room(void **state) {
    World *w = *state;
    Holder a = take_turn(w, "git|1|a", 7);
    Submit submit = give(w, &a);
    submit_done(&submit);
    Upload *u;
    CvkErr err;

    assert_true(upload_begin(w->c, &a.session, 0, &u, &err));
    assert_true(upload_write(u, a.bytes, a.n, &err));

    assert_int_equal(uploads(w), 0);
    assert_true(upload_finish(u, &submit, &err));
    assert_int_equal(submit.result, SUBMIT_ACCEPTED);
    submit_done(&submit);
    upload_free(u);
    free(a.bytes);
}

static void a_holder_has_only_so_many_uploads_at_once(void **state) {
    World *w = *state;
    Holder a = take_turn(w, "git|1|a", 7);
    Upload *u[LIMIT_UPLOADS], *more;
    CvkErr err;
    for (size_t i = 0; i < LIMIT_UPLOADS; i++)
        assert_true(upload_begin(w->c, &a.session, 0, &u[i], &err));

    assert_false(upload_begin(w->c, &a.session, 0, &more, &err));

    assert_string_equal(err.id, "upload.many");
    upload_free(u[0]);
    assert_true(upload_begin(w->c, &a.session, 0, &u[0], &err));
    for (size_t i = 1; i < LIMIT_UPLOADS; i++)
        upload_free(u[i]);
    assert_true(upload_write(u[0], a.bytes, a.n, &err));
    Submit submit;
    assert_true(upload_finish(u[0], &submit, &err));
    assert_int_equal(submit.result, SUBMIT_ACCEPTED);
    submit_done(&submit);
    upload_free(u[0]);
    free(a.bytes);
}

static void uploads_of_an_ended_turn_do_not_count_against_the_next(void **state) {
    World *w = *state;
    Holder a = take_turn(w, "git|1|a", 7);
    Upload *u[LIMIT_UPLOADS];
    Refusal refusal;
    CvkErr err;
    for (size_t i = 0; i < LIMIT_UPLOADS; i++)
        assert_true(upload_begin(w->c, &a.session, 0, &u[i], &err));
    assert_true(ceremony_abort(w->c, &a.session, &refusal, &err));

    world_contribute(w, "git|2|b", 8);

    for (size_t i = 0; i < LIMIT_UPLOADS; i++)
        upload_free(u[i]);
    world_contribute(w, "git|3|c", 9);
    free(a.bytes);
}

/* ---- judgements that did not come to an end ---- */

/* An upload that is stored, and whose verification failed for a fault of the server's. */
static Holder stored_but_not_judged(World *w) {
    Holder h = take_turn(w, "git|1|a", 7);
    world_upload_unjudged(w, &h.session, h.bytes, h.n);
    return h;
}

static void what_could_not_be_judged_is_judged_when_it_comes_again(void **state) {
    World *w = *state;
    Holder h = stored_but_not_judged(w);
    assert_int_equal(world_contributions(w), 0);

    Submit submit = give(w, &h);

    assert_int_equal(submit.result, SUBMIT_ACCEPTED);
    assert_int_equal(world_contributions(w), 1);
    submit_done(&submit);
    free(h.bytes);
}

static void what_could_not_be_judged_is_judged_without_its_sender(void **state) {
    World *w = *state;
    Holder h = stored_but_not_judged(w);
    CvkErr err;

    assert_true(ceremony_is_unjudged(w->c));
    assert_true(ceremony_recover(w->c, &err));

    assert_false(ceremony_is_unjudged(w->c));
    assert_int_equal(world_contributions(w), 1);
    Submit submit = give(w, &h);
    assert_int_equal(submit.result, SUBMIT_ACCEPTED);
    submit_done(&submit);
    free(h.bytes);
}

typedef struct {
    Upload *u;
    Submit submit;
    bool ok;
} Finishing;

static void *finish(void *arg) {
    Finishing *f = arg;
    CvkErr err;
    f->ok = upload_finish(f->u, &f->submit, &err);
    return NULL;
}

static void the_same_bytes_at_the_same_time_are_one_contribution(void **state) {
    World *w = *state;
    Holder h = take_turn(w, "git|1|a", 7);
    enum { N = 4 };
    Finishing f[N];
    pthread_t threads[N];
    CvkErr err;
    for (size_t i = 0; i < N; i++) {
        assert_true(upload_begin(w->c, &h.session, 0, &f[i].u, &err));
        assert_true(upload_write(f[i].u, h.bytes, h.n, &err));
    }

    for (size_t i = 0; i < N; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, finish, &f[i]), 0);
    for (size_t i = 0; i < N; i++)
        pthread_join(threads[i], NULL);

    for (size_t i = 0; i < N; i++) {
        assert_true(f[i].ok);
        assert_int_equal(f[i].submit.result, SUBMIT_ACCEPTED);
        assert_string_equal(f[i].submit.receipt, f[0].submit.receipt);
    }
    for (size_t i = 0; i < N; i++) {
        submit_done(&f[i].submit);
        upload_free(f[i].u);
    }
    assert_int_equal(world_contributions(w), 1);
    assert_int_equal(blobs(w), 1);
    free(h.bytes);
}

/* ---- challenges that cannot be made ---- */

static void nobody_gets_a_turn_whose_challenge_cannot_be_made(void **state) {
    World *w = *state;
    Session a = world_sign_in(w, "git|1|a");
    char cache[512], away[512];
    Refusal refusal;
    uint64_t lease = 0;
    CeremonyFile file;
    CeremonyStatus status;
    CvkErr err;
    world_contribute(w, "git|2|b", 1);
    snprintf(cache, sizeof cache, "%s/cache", w->at.dir);
    snprintf(away, sizeof away, "%s/away", w->at.dir);
    assert_int_equal(rename(cache, away), 0);

    assert_false(ceremony_check_in(w->c, &a, &refusal, &lease, &file, &err));

    ceremony_status(w->c, &status);
    assert_int_equal(status.view.lease.number, 0);
    assert_int_equal(lease, 0);
    assert_int_equal(rename(away, cache), 0);
    world_contribute(w, "git|3|c", 2);
}

/* ---- in two steps ---- */

static Upload *bring(World *w, const Holder *h) {
    Upload *u;
    CvkErr err;
    assert_true(upload_begin(w->c, &h->session, 0, &u, &err));
    assert_true(upload_write(u, h->bytes, h->n, &err));
    return u;
}

static void a_stored_response_is_safe_before_it_is_judged(void **state) {
    World *w = *state;
    Holder h = take_turn(w, "git|1|a", 1);
    Submit submit;
    CvkErr err;
    Upload *u = bring(w, &h);

    assert_true(upload_store(u, &submit, &err));

    assert_int_equal(submit.result, SUBMIT_STORED);
    assert_int_equal(world_contributions(w), 0);
    assert_true(ceremony_is_unjudged(w->c));
    assert_int_equal(blobs(w), 1);
    assert_true(upload_judge(u, &submit, &err));
    assert_int_equal(submit.result, SUBMIT_ACCEPTED);
    assert_int_equal(world_contributions(w), 1);
    submit_done(&submit);
    upload_free(u);
    free(h.bytes);
}

static void a_malformed_response_is_answered_by_the_first_step(void **state) {
    World *w = *state;
    Holder h = take_turn(w, "git|1|a", 1);
    Submit submit;
    CvkErr err;
    Upload *u;
    assert_true(upload_begin(w->c, &h.session, 0, &u, &err));
    assert_true(upload_write(u, "{", 1, &err));

    assert_true(upload_store(u, &submit, &err));

    assert_int_equal(submit.result, SUBMIT_NOT_JSON);
    assert_int_equal(blobs(w), 0);
    upload_free(u);
    free(h.bytes);
}

static void a_response_that_was_stored_and_left_is_judged_at_the_next_start(void **state) {
    World *w = *state;
    Holder h = take_turn(w, "git|1|a", 1);
    Submit submit;
    CvkErr err;
    Upload *u = bring(w, &h);
    assert_true(upload_store(u, &submit, &err));
    upload_free(u);

    world_restart(w);

    assert_int_equal(world_contributions(w), 1);
    submit = give(w, &h);
    assert_int_equal(submit.result, SUBMIT_ACCEPTED);
    submit_done(&submit);
    free(h.bytes);
}

int main(void) {
#define IN_WORLD(fn) cmocka_unit_test_setup_teardown(fn, world_setup, world_teardown)
    const struct CMUnitTest tests[] = {
        IN_WORLD(a_response_behind_the_one_that_is_judged_leaves_nothing),
        IN_WORLD(a_refused_response_leaves_nothing),
        IN_WORLD(an_accepted_response_stays_when_somebody_else_gives_it_in_vain),
        IN_WORLD(a_repeated_upload_takes_no_room),
        IN_WORLD(a_holder_has_only_so_many_uploads_at_once),
        IN_WORLD(uploads_of_an_ended_turn_do_not_count_against_the_next),
        IN_WORLD(what_could_not_be_judged_is_judged_when_it_comes_again),
        IN_WORLD(what_could_not_be_judged_is_judged_without_its_sender),
        IN_WORLD(the_same_bytes_at_the_same_time_are_one_contribution),
        IN_WORLD(nobody_gets_a_turn_whose_challenge_cannot_be_made),
        IN_WORLD(a_stored_response_is_safe_before_it_is_judged),
        IN_WORLD(a_malformed_response_is_answered_by_the_first_step),
        IN_WORLD(a_response_that_was_stored_and_left_is_judged_at_the_next_start),
    };
    return cmocka_run_group_tests_name("run/upload", tests, NULL, NULL);
}
