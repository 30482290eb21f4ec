/* The public journal as it grows. */
#include "run/world.h"

#include "base/file.h"
#include "run/feed.h"

#include <pthread.h>

/* ---- a feed by itself ---- */

/* An event of n bytes, all alike and other than those of the entries around. */
static void add_sized(Feed *f, uint64_t seq, size_t n) {
    char event[JOURNAL_EVENT_MAX];
    memset(event, 'a' + (int)(seq % 26), n);
    JournalLine line = {.seq = seq, .event = event, .event_n = n};
    feed_add(f, &line);
}

static void add(Feed *f, uint64_t seq) {
    add_sized(f, seq, 10 + seq % 7);
}

/* It is there, and is the entry that was added. */
static void assert_line(Feed *f, uint64_t seq, size_t event_n) {
    char text[JOURNAL_LINE_MAX];
    size_t n;
    JournalLine line;
    assert_int_equal(feed_line(f, seq, text, &n), FEED_LINE);
    assert_int_equal(text[n - 1], '\n');
    assert_true(journal_line_read(text, n - 1, seq, &line, NULL));
    assert_int_equal(line.event_n, event_n);
    for (size_t i = 0; i < event_n; i++)
        assert_int_equal(line.event[i], 'a' + (int)(seq % 26));
}

static FeedResult look(Feed *f, uint64_t seq) {
    char text[JOURNAL_LINE_MAX];
    size_t n;
    return feed_line(f, seq, text, &n);
}

static int setup(void **state) {
    *state = feed_new(NULL);
    return *state == NULL;
}

static int teardown(void **state) {
    feed_free(*state);
    return 0;
}

static void a_new_feed_has_no_line(void **state) {
    assert_int_equal(feed_newest(*state), 0);
    assert_int_equal(look(*state, 1), FEED_AHEAD);
    assert_int_equal(look(*state, 0), FEED_OLDER);
}

static void what_was_added_is_seen_once_it_is_shown(void **state) {
    Feed *f = *state;
    add(f, 1);
    add(f, 2);
    assert_int_equal(feed_newest(f), 0);
    assert_int_equal(look(f, 1), FEED_AHEAD);

    feed_show(f);

    assert_int_equal(feed_newest(f), 2);
    assert_line(f, 1, 11);
    assert_line(f, 2, 12);
    assert_int_equal(look(f, 3), FEED_AHEAD);
}

static void the_oldest_lines_make_room_when_there_are_too_many(void **state) {
    Feed *f = *state;
    for (uint64_t seq = 1; seq <= LIMIT_FEED_LINES + 10; seq++)
        add(f, seq);
    feed_show(f);

    assert_int_equal(look(f, 10), FEED_OLDER);
    for (uint64_t seq = 11; seq <= LIMIT_FEED_LINES + 10; seq++)
        assert_line(f, seq, 10 + seq % 7);
}

static void the_oldest_lines_make_room_when_they_are_too_long(void **state) {
    Feed *f = *state;
    char text[JOURNAL_LINE_MAX];
    size_t n;
    uint64_t last = 1000; /* far more than have room, round and round */
    for (uint64_t seq = 1; seq <= last; seq++) {
        add_sized(f, seq, 2000 + seq % 1500);
        feed_show(f);
        assert_line(f, seq, 2000 + seq % 1500);
    }
    uint64_t oldest = last;
    size_t bytes = 0;
    for (; feed_line(f, oldest, text, &n) == FEED_LINE; oldest--) {
        assert_line(f, oldest, 2000 + oldest % 1500);
        bytes += n;
    }
    assert_true(bytes <= LIMIT_FEED_BYTES);
    assert_true(bytes + JOURNAL_LINE_MAX > LIMIT_FEED_BYTES); /* none went without need */
}

static void a_line_that_does_not_follow_begins_anew(void **state) {
    Feed *f = *state;
    for (uint64_t seq = 1; seq <= 5; seq++)
        add(f, seq);
    add(f, 100);
    add(f, 101);
    feed_show(f);
    assert_int_equal(look(f, 5), FEED_OLDER);
    assert_int_equal(look(f, 99), FEED_OLDER);
    assert_line(f, 100, 10 + 100 % 7);

    add(f, 1); /* the journal is read again from its beginning */
    feed_show(f);

    assert_int_equal(feed_newest(f), 1);
    assert_line(f, 1, 11);
    assert_int_equal(look(f, 2), FEED_AHEAD);
}

static void count(void *ctx) {
    ++*(int *)ctx;
}

static void watchers_are_called_once_for_what_is_shown_together(void **state) {
    Feed *f = *state;
    int calls = 0, others = 0;
    assert_true(feed_watch(f, count, &calls, NULL));
    assert_true(feed_watch(f, count, &others, NULL));
    add(f, 1);
    add(f, 2);
    assert_int_equal(calls, 0);

    feed_show(f);
    feed_show(f);

    assert_int_equal(calls, 1);
    assert_int_equal(others, 1);
    feed_unwatch(f, &calls);
    add(f, 3);
    feed_show(f);
    assert_int_equal(calls, 1);
    assert_int_equal(others, 2);
}

static void only_so_many_may_watch(void **state) {
    Feed *f = *state;
    int calls[LIMIT_FEED_WATCHERS + 1] = {0};
    CvkErr err;
    for (size_t i = 0; i < LIMIT_FEED_WATCHERS; i++)
        assert_true(feed_watch(f, count, &calls[i], NULL));

    assert_false(feed_watch(f, count, &calls[LIMIT_FEED_WATCHERS], &err));

    assert_string_equal(err.id, "limit.count");
}

/* One writes, others read behind it: for the thread sanitizer too. */
#define RACE_LINES 3000

static void *read_behind(void *ctx) {
    Feed *f = ctx;
    char text[JOURNAL_LINE_MAX];
    size_t n;
    for (uint64_t seq = 1; seq <= RACE_LINES;) {
        switch (feed_line(f, seq, text, &n)) {
        case FEED_LINE:
            assert_true(n > 10 + seq % 7 && text[n - 3] == 'a' + (int)(seq % 26));
            seq++;
            break;
        case FEED_OLDER:
            seq = feed_newest(f);
            break;
        case FEED_AHEAD:
            sched_yield();
            break;
        }
    }
    return NULL;
}

static void readers_behind_a_writer_see_whole_lines(void **state) {
    Feed *f = *state;
    pthread_t readers[2];
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&readers[i], NULL, read_behind, f), 0);
    for (uint64_t seq = 1; seq <= RACE_LINES; seq++) {
        add(f, seq);
        feed_show(f);
    }
    for (size_t i = 0; i < 2; i++)
        pthread_join(readers[i], NULL);
}

/* ---- the feed of a ceremony ---- */

/* All lines from entry 1 on, the feed's where it has them; the caller frees. */
static char *all_lines(const World *w) {
    Feed *f = ceremony_feed(w->c);
    CvkBuf b = CVK_BUF(1 << 20);
    char text[JOURNAL_LINE_MAX];
    size_t n;
    for (uint64_t seq = 1; feed_line(f, seq, text, &n) == FEED_LINE; seq++)
        assert_true(cvk_buf_add(&b, text, n, NULL));
    return cvk_buf_take(&b);
}

static char *exported_lines(World *w) {
    char out[LIMIT_PATH], path[LIMIT_PATH];
    CvkBuf b = CVK_BUF(1 << 20);
    CvkErr err;
    assert_true(cvk_path(out, w->at.dir, "public", NULL));
    if (!ceremony_export(w->c, out, true, (CvkProgress){0}, &err))
        fail_msg("%s", err.msg);
    assert_true(cvk_path(path, out, "journal.jsonl", NULL));
    assert_true(cvk_file_read(path, &b, NULL));
    return cvk_buf_take(&b);
}

static void assert_feed_is_the_export(World *w) {
    char *feed = all_lines(w), *exported = exported_lines(w);
    assert_string_equal(feed, exported);
    free(feed);
    free(exported);
}

static void the_feed_has_the_lines_that_an_export_writes(void **state) {
    World *w = *state;
    world_contribute(w, "git|1|a", 1);
    Session b = world_sign_in(w, "git|2|b");
    world_take_slot(w, &b);

    assert_feed_is_the_export(w);
}

static void a_restarted_server_has_its_newest_lines_again(void **state) {
    World *w = *state;
    world_contribute(w, "git|1|a", 1);

    world_restart(w);

    assert_feed_is_the_export(w);
}

static void what_another_process_appends_is_in_the_feed(void **state) {
    World *w = *state;
    Node *server = w->node, *operator;
    Ceremony *c;
    int calls = 0;
    NodeOptions options = {.threads = 1, .clock = world_clock};
    assert_true(node_open(w->at.dir, options, &operator, NULL));
    assert_true(node_ceremony(operator, NULL, &c, NULL));
    assert_true(feed_watch(ceremony_feed(w->c), count, &calls, NULL));
    uint64_t before = feed_newest(ceremony_feed(w->c));
    assert_true(ceremony_set_mode(c, MODE_PAUSED, NULL));
    node_close(operator);

    node_tick(server);

    assert_int_equal(feed_newest(ceremony_feed(w->c)), before + 1);
    assert_int_equal(calls, 1);
    feed_unwatch(ceremony_feed(w->c), &calls);
    assert_feed_is_the_export(w);
}

static void the_store_gives_lines_a_piece_at_a_time(void **state) {
    World *w = *state;
    world_contribute(w, "git|1|a", 1);
    char *feed = all_lines(w), *at = feed;
    uint64_t newest = feed_newest(ceremony_feed(w->c));
    for (uint64_t from = 1, next; from <= newest; from = next) {
        CvkBuf b = CVK_BUF(1000);
        assert_true(ceremony_journal_lines(w->c, from, &b, &next, NULL));
        assert_true(next > from);
        assert_memory_equal(at, b.data, b.n);
        at += b.n;
        cvk_buf_done(&b);
    }
    assert_string_equal(at, "");
    free(feed);
    CvkBuf b = CVK_BUF(1000);
    uint64_t next;
    assert_true(ceremony_journal_lines(w->c, newest + 1, &b, &next, NULL));
    assert_int_equal(next, newest + 1);
    assert_int_equal(b.n, 0);
    cvk_buf_done(&b);
}

static void a_damaged_journal_gives_no_lines(void **state) {
    World *w = *state;
    CvkBuf b = CVK_BUF(10000);
    uint64_t next;
    CvkErr err;
    world_break_journal(w);

    assert_false(ceremony_journal_lines(w->c, 1, &b, &next, &err));

    assert_string_equal(err.id, "journal.broken");
    cvk_buf_done(&b);
}

int main(void) {
#define WITH_FEED(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
#define IN_WORLD(fn) cmocka_unit_test_setup_teardown(fn, world_setup, world_teardown)
    const struct CMUnitTest tests[] = {
        WITH_FEED(a_new_feed_has_no_line),
        WITH_FEED(what_was_added_is_seen_once_it_is_shown),
        WITH_FEED(the_oldest_lines_make_room_when_there_are_too_many),
        WITH_FEED(the_oldest_lines_make_room_when_they_are_too_long),
        WITH_FEED(a_line_that_does_not_follow_begins_anew),
        WITH_FEED(watchers_are_called_once_for_what_is_shown_together),
        WITH_FEED(only_so_many_may_watch),
        WITH_FEED(readers_behind_a_writer_see_whole_lines),
        IN_WORLD(the_feed_has_the_lines_that_an_export_writes),
        IN_WORLD(a_restarted_server_has_its_newest_lines_again),
        IN_WORLD(what_another_process_appends_is_in_the_feed),
        IN_WORLD(the_store_gives_lines_a_piece_at_a_time),
        IN_WORLD(a_damaged_journal_gives_no_lines),
    };
    return cmocka_run_group_tests_name("run/feed", tests, NULL, NULL);
}
