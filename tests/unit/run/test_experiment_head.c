/* The newest head of an experiment's journal, signed and kept beside the database: when it is kept,
 * by whom, and that another database than the one that was signed is refused. */
#include "market_world.h"

#include "base/file.h"
#include "run/backup.h"
#include "run/experiment_private.h"
#include "run/experiment_verify.h"

#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define KEPT "heads/x.json"

static const NodeOptions serving = {.serving = true, .by_hand = true, .threads = 1};
static const NodeOptions command = {.threads = 1};
static const NodeOptions tables = {.threads = 1, .tables_only = true};

/* ---- files of the directory ---- */

static const char *in_dir(const MarketWorld *w, char ret[LIMIT_PATH], const char *name) {
    assert_true(cvk_path(ret, w->dir, name, NULL));
    return ret;
}

static void copy(const MarketWorld *w, const char *from, const char *to) {
    char path[LIMIT_PATH];
    CvkBuf b = CVK_BUF(1 << 26);
    assert_true(cvk_file_read(in_dir(w, path, from), &b, NULL));
    assert_true(cvk_file_write(in_dir(w, path, to), b.data, b.n, 0600, NULL));
    cvk_buf_done(&b);
}

static void take_away(const MarketWorld *w, const char *name) {
    char path[LIMIT_PATH];
    assert_int_equal(remove(in_dir(w, path, name)), 0);
}

static bool is_there(const MarketWorld *w, const char *name) {
    char path[LIMIT_PATH];
    return cvk_file_exists(in_dir(w, path, name));
}

static SignedHead in_file(const MarketWorld *w) {
    char path[LIMIT_PATH];
    SignedHead s;
    CvkErr err;
    if (!head_read_file(in_dir(w, path, KEPT), &s, &err))
        fail_msg("%s", err.msg);
    return s;
}

static uint64_t kept_entries(const MarketWorld *w) {
    return in_file(w).head.entries;
}

/* ---- heads that a test signs ---- */

static void key_of(const MarketWorld *w, uint8_t ret[ETH_SECRET_BYTES]) {
    memcpy(ret, w->e->kept_head.key, ETH_SECRET_BYTES);
}

static JournalHead head_of(const MarketWorld *w, uint64_t entries) {
    JournalHead ret = {.ceremony = "x", .entries = entries};
    cvk_merkle_root(&w->e->tree, ret.root);
    return ret;
}

static void put_signed(const MarketWorld *w, const char *name, const JournalHead *h,
                       const uint8_t key[ETH_SECRET_BYTES]) {
    char path[LIMIT_PATH];
    SignedHead s = {.head = *h};
    CvkBuf text = CVK_BUF(HEAD_MAX);
    assert_true(head_sign(h, key, s.signature, NULL) && head_write(&s, &text, NULL));
    assert_true(cvk_file_write(in_dir(w, path, name), text.data, text.n, 0600, NULL));
    cvk_buf_done(&text);
}

/* ---- opening ---- */

static void stop(MarketWorld *w) {
    w->node = node_close(w->node);
}

static void is_refused(const MarketWorld *w, NodeOptions as, const char *id) {
    Node *n = NULL;
    CvkErr err;
    if (node_open(w->dir, as, &n, &err))
        fail_msg("it was opened, and not refused with %s", id);
    assert_string_equal(err.id, id);
    assert_non_null(strstr(err.msg, "backup")); /* says what to do */
    assert_non_null(strstr(err.msg, "'convoke restore'"));
    assert_non_null(strstr(err.msg, "experiment 'x'"));
}

static void is_refused_by_all(const MarketWorld *w, const char *id) {
    SignedHead before = in_file(w);
    is_refused(w, serving, id);
    is_refused(w, command, id);
    is_refused(w, tables, id);
    SignedHead after = in_file(w);
    assert_memory_equal(&before, &after, sizeof before); /* nobody has signed for it meanwhile */
}

static Experiment *open_beside(const MarketWorld *w, NodeOptions as, Node **ret) {
    Experiment *e = NULL;
    CvkErr err;
    if (!node_open(w->dir, as, ret, &err) || !node_experiment(*ret, NULL, &e, &err))
        fail_msg("%s: %s", err.id, err.msg);
    return e;
}

static void add_person(Experiment *e, const char *id) {
    char ret_id[LIMIT_PROVER_ID + 1];
    uint32_t number;
    CvkErr err;
    if (!experiment_participant_add(e, id, NULL, NULL, ret_id, &number, &err))
        fail_msg("%s", err.msg);
}

/* ---- when one is kept ---- */

static void a_new_experiment_has_one_at_once(void **state) {
    MarketWorld *w = *state;
    assert_int_equal(kept_entries(w), 1);
}

static void the_server_keeps_one_each_second_and_at_its_end(void **state) {
    MarketWorld *w = *state;
    SignedHead s;
    uint8_t root[MERKLE_HASH];
    CvkErr err;
    market_pass(w, 1000);
    uint64_t before = kept_entries(w);
    assert_int_equal(before, w->e->seq);

    assert_true(market_prove(w, 1));
    market_pass(w, 200);
    assert_int_equal(kept_entries(w), before); /* not at each commit */
    market_pass(w, 1000);

    s = in_file(w);
    cvk_merkle_root(&w->e->tree, root);
    assert_int_equal(s.head.entries, w->e->seq);
    assert_memory_equal(s.head.root, root, sizeof root);
    assert_true(kept_head_is_ours(&w->e->kept_head, &s, &err));

    assert_true(market_prove(w, 1));
    uint64_t end = w->e->seq;
    stop(w);
    assert_int_equal(kept_entries(w), end);
    market_restart_from(w);
}

static void a_journal_that_has_not_grown_is_not_signed_again(void **state) {
    MarketWorld *w = *state;
    struct stat before, after;
    char path[LIMIT_PATH];
    market_pass(w, 1000);
    assert_int_equal(stat(in_dir(w, path, KEPT), &before), 0);

    market_pass(w, 5000);
    market_restart(w);
    market_pass(w, 5000);

    assert_int_equal(stat(path, &after), 0);
    assert_int_equal(before.st_ino, after.st_ino); /* each write is a file of its own */
}

static void a_command_keeps_one_if_it_has_written(void **state) {
    MarketWorld *w = *state;
    Node *n;
    stop(w);
    uint64_t before = kept_entries(w);

    add_person(open_beside(w, command, &n), "carol");
    assert_int_equal(kept_entries(w), before);
    node_close(n);

    assert_int_equal(kept_entries(w), before + 1);
    market_restart_from(w);
}

static void who_only_reads_keeps_none(void **state) {
    MarketWorld *w = *state;
    Node *n;
    stop(w);
    take_away(w, KEPT);

    (void)open_beside(w, command, &n);
    node_close(n);
    (void)open_beside(w, tables, &n);
    node_close(n);

    assert_false(is_there(w, KEPT));
    market_restart_from(w);
}

static void a_directory_without_heads_is_opened_and_gets_one(void **state) {
    MarketWorld *w = *state;
    stop(w);
    take_away(w, KEPT);
    take_away(w, "heads");

    market_restart_from(w);
    market_pass(w, 1000);

    assert_int_equal(kept_entries(w), w->e->seq);
}

/* ---- what the log says ---- */

/* What is written to standard error from here on. */
typedef struct {
    char path[LIMIT_PATH];
    int before;
} Log;

static void log_begin(const MarketWorld *w, Log *l) {
    int fd = open(in_dir(w, l->path, "log"), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600);
    l->before = dup(STDERR_FILENO);
    assert_true(fd >= 0 && l->before >= 0 && dup2(fd, STDERR_FILENO) >= 0);
    close(fd);
}

/* How many lines have `what`. */
static size_t log_end(const Log *l, const char *what) {
    size_t n = 0;
    CvkBuf b = CVK_BUF(1 << 20);
    assert_true(dup2(l->before, STDERR_FILENO) >= 0);
    close(l->before);
    assert_true(cvk_file_read(l->path, &b, NULL));
    for (const char *at = cvk_buf_str(&b); (at = strstr(at, what)) != NULL; at++)
        n++;
    cvk_buf_done(&b);
    return n;
}

static void a_head_that_cannot_be_kept_is_told_once_for_each_reason(void **state) {
    MarketWorld *w = *state;
    char path[LIMIT_PATH];
    Log l;
    market_pass(w, 1000);
    copy(w, KEPT, "good.json");
    assert_true(market_prove(w, 1));

    assert_true(cvk_file_write(in_dir(w, path, KEPT), "junk", 4, 0600, NULL));
    log_begin(w, &l);
    market_pass(w, 10000);
    assert_int_equal(log_end(&l, "head.not_kept"), 1);

    take_away(w, KEPT);
    assert_int_equal(mkdir(path, 0700), 0);
    log_begin(w, &l);
    market_pass(w, 10000);
    assert_int_equal(log_end(&l, "head.not_kept"), 1);

    take_away(w, KEPT);
    copy(w, "good.json", KEPT);
    log_begin(w, &l);
    market_pass(w, 10000);
    assert_int_equal(log_end(&l, "head.kept_again"), 1);
    assert_int_equal(kept_entries(w), w->e->seq);
}

/* ---- two who keep ---- */

static void an_older_head_does_not_replace_a_newer_one(void **state) {
    MarketWorld *w = *state;
    KeptHead slow, quick;
    uint8_t key[ETH_SECRET_BYTES];
    JournalHead kept;
    CvkErr err;
    key_of(w, key);
    kept_head_init(&slow, w->dir, "x", key);
    kept_head_init(&quick, w->dir, "x", key);
    kept_head_keep(&quick, 50, (uint8_t[MERKLE_HASH]){50}, NULL);

    kept_head_keep(&slow, 40, (uint8_t[MERKLE_HASH]){40}, NULL); /* it has not seen the other's */

    assert_int_equal(kept_entries(w), 50);
    assert_int_equal(kept_head_entries(&slow), 50);
    assert_true(kept_head_read(&slow, &kept, &err));
    assert_int_equal(kept.root[0], 50);
    kept_head_done(&slow);
    kept_head_done(&quick);
}

static void of_many_processes_that_keep_the_newest_head_stays(void **state) {
    MarketWorld *w = *state;
    enum { PROCESSES = 4, EACH = 10 };
    uint8_t key[ETH_SECRET_BYTES];
    pid_t pid[PROCESSES];
    key_of(w, key);
    stop(w);

    for (int i = 0; i < PROCESSES; i++) {
        pid[i] = fork();
        assert_true(pid[i] >= 0);
        for (int k = 0; pid[i] == 0 && k < EACH; k++) {
            KeptHead own; /* has seen nobody's, so it looks */
            kept_head_init(&own, w->dir, "x", key);
            int entries = 100 + PROCESSES * k + i;
            unsigned patience_ms = KEPT_HEAD_PATIENCE_MS;
            kept_head_keep(&own, (uint64_t)entries, (uint8_t[MERKLE_HASH]){(uint8_t)entries},
                           &patience_ms);
            if (kept_head_entries(&own) < (uint64_t)entries || kept_entries(w) < (uint64_t)entries)
                _exit(1); /* what was there was replaced by an older one */
        }
        if (pid[i] == 0)
            _exit(0);
    }

    for (int i = 0; i < PROCESSES; i++) {
        int status;
        assert_int_equal(waitpid(pid[i], &status, 0), pid[i]);
        assert_int_equal(status, 0);
    }
    assert_int_equal(kept_entries(w), 100 + PROCESSES * EACH - 1);
    take_away(w, KEPT);
    market_restart_from(w);
}

static void a_server_and_a_command_that_write_keep_heads_of_one_journal(void **state) {
    MarketWorld *w = *state;
    Node *n;
    Experiment *e = open_beside(w, command, &n);

    for (int i = 0; i < 3; i++) {
        assert_true(market_prove(w, 1));
        add_person(e, (const char *[]){"carol", "dave", "erin"}[i]);
        market_pass(w, 1000);
        assert_int_equal(kept_entries(w), w->e->seq);
    }
    assert_true(market_prove(w, 2)); /* beyond what the command has read */
    market_pass(w, 1000);
    uint64_t newest = w->e->seq;
    node_close(n);

    assert_int_equal(kept_entries(w), newest);
    market_restart(w);
    assert_int_equal(w->e->seq, newest);
}

/* As if a process were stopped for good while it keeps one. */
static int hold_lock(const MarketWorld *w) {
    char path[LIMIT_PATH];
    int fd = open(in_dir(w, path, "heads"), O_RDONLY | O_DIRECTORY);
    assert_true(fd >= 0 && flock(fd, LOCK_EX) == 0);
    return fd;
}

static int64_t now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void the_thread_that_keeps_the_time_does_not_wait_for_the_lock(void **state) {
    MarketWorld *w = *state;
    Log l;
    market_pass(w, 1000);
    uint64_t before = kept_entries(w);
    int fd = hold_lock(w);
    assert_true(market_prove(w, 1));

    log_begin(w, &l);
    int64_t began_ms = now_ms();
    market_pass(w, 2000);
    assert_in_range(now_ms() - began_ms, 0, KEPT_HEAD_PATIENCE_MS / 2);
    assert_int_equal(log_end(&l, "head.not_kept"), 0); /* another one who keeps, it may be */
    assert_int_equal(kept_entries(w), before);

    log_begin(w, &l);
    market_pass(w, 10000);
    assert_int_equal(log_end(&l, "head.not_kept"), 1);

    close(fd);
    market_pass(w, 1000);
    assert_int_equal(kept_entries(w), w->e->seq);
}

static void those_who_wait_for_the_lock_share_one_patience(void **state) {
    MarketWorld *w = *state;
    KeptHead first, second;
    uint8_t key[ETH_SECRET_BYTES];
    unsigned patience_ms = 300;
    key_of(w, key);
    kept_head_init(&first, w->dir, "x", key);
    kept_head_init(&second, w->dir, "x", key);
    int fd = hold_lock(w);

    int64_t began_ms = now_ms();
    kept_head_keep(&first, 50, (uint8_t[MERKLE_HASH]){50}, &patience_ms);
    assert_true(now_ms() - began_ms >= 300);
    assert_int_equal(patience_ms, 0);
    kept_head_keep(&second, 50, (uint8_t[MERKLE_HASH]){50}, &patience_ms);
    assert_int_equal(patience_ms, 0);
    assert_int_equal(kept_entries(w), 1);

    close(fd);
    kept_head_keep(&second, 50, (uint8_t[MERKLE_HASH]){50}, &patience_ms); /* it is free */
    assert_int_equal(kept_entries(w), 50);
    kept_head_done(&first);
    kept_head_done(&second);
    take_away(w, KEPT);
}

static void a_node_that_ends_waits_for_the_lock_once(void **state) {
    MarketWorld *w = *state;
    enum { MORE = 3 };
    CvkErr err;
    stop(w);
    Node *n;
    (void)open_beside(w, command, &n);
    for (int i = 0; i < MORE; i++)
        assert_true(node_experiment_new(n, (const char *[]){"p", "q", "r"}[i], NULL, &err));
    for (int i = 0; i < MORE; i++)
        add_person(node_experiment_at(n, (size_t)i + 1), "carol");
    int fd = hold_lock(w);

    int64_t began_ms = now_ms();
    node_close(n);

    assert_in_range(now_ms() - began_ms, KEPT_HEAD_PATIENCE_MS, 2 * KEPT_HEAD_PATIENCE_MS);
    close(fd);
}

/* ---- what is refused ---- */

/* The database is one of before the newest proof, new.db that of after it; the node is closed. */
static void put_an_older_one_back(MarketWorld *w) {
    stop(w);
    copy(w, "convoke.db", "old.db");
    market_restart_from(w);
    assert_true(market_prove(w, 1));
    stop(w);
    copy(w, "convoke.db", "new.db");
    copy(w, "old.db", "convoke.db");
}

static void a_database_that_was_put_back_whole_is_refused(void **state) {
    MarketWorld *w = *state;
    put_an_older_one_back(w);

    is_refused_by_all(w, "journal.older");

    copy(w, "new.db", "convoke.db");
    market_restart_from(w);
    assert_true(market_prove(w, 1));
}

static void a_database_that_was_put_back_and_went_on_is_refused(void **state) {
    MarketWorld *w = *state;
    stop(w);
    copy(w, "convoke.db", "old.db");
    market_restart_from(w);
    assert_true(market_prove(w, 1)); /* two entries */
    stop(w);
    copy(w, KEPT, "first.json");
    copy(w, "old.db", "convoke.db");
    take_away(w, KEPT);
    market_restart_from(w);
    assert_true(market_prove(w, 2));
    stop(w);
    copy(w, "first.json", KEPT);

    is_refused_by_all(w, "journal.other"); /* as long as the one that was signed */

    take_away(w, KEPT);
    market_restart_from(w);
    assert_true(market_prove(w, 2));
    stop(w);
    copy(w, "first.json", KEPT);

    is_refused(w, serving, "journal.other"); /* longer */
    is_refused(w, command, "journal.other");
    take_away(w, KEPT);
    market_restart_from(w);
}

static void a_head_that_is_not_ours_is_refused(void **state) {
    MarketWorld *w = *state;
    static const char *const bad[] = {"", "{}", "{\"head\":\"x\",\"signature\":\"y\"}"};
    char path[LIMIT_PATH];
    uint8_t own[ETH_SECRET_BYTES], foreign[ETH_SECRET_BYTES];
    JournalHead good = head_of(w, w->e->seq), other = good;
    key_of(w, own);
    assert_true(eth_key_new(foreign, NULL));
    stop(w);

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_true(cvk_file_write(in_dir(w, path, KEPT), bad[i], strlen(bad[i]), 0600, NULL));
        is_refused(w, serving, "head.damaged");
        is_refused(w, command, "head.damaged");
        is_refused(w, tables, "head.damaged");
    }
    put_signed(w, KEPT, &good, foreign);
    is_refused_by_all(w, "head.damaged");
    snprintf(other.ceremony, sizeof other.ceremony, "y");
    put_signed(w, KEPT, &other, own);
    is_refused_by_all(w, "head.damaged");

    put_signed(w, KEPT, &good, own);
    market_restart_from(w);
}

/* Of the experiment and the ceremony that are made under this name: what is said. */
static void cannot_be_made(MarketWorld *w, const char *name, const char *id) {
    Node *n;
    CvkErr err;
    (void)open_beside(w, command, &n);
    assert_false(node_experiment_new(n, name, NULL, &err));
    assert_string_equal(err.id, id);
    if (strcmp(id, "ceremony.exists") != 0)
        assert_non_null(strstr(err.msg, "another name, or"));
    assert_false(node_ceremony_new(n, name, "kzg", "4,3", NULL, &err));
    assert_string_equal(err.id, id);
    node_close(n);
}

static void nothing_is_made_where_a_head_of_the_same_name_is_kept(void **state) {
    MarketWorld *w = *state;
    Node *n;
    CvkErr err;
    char path[LIMIT_PATH];
    uint8_t key[ETH_SECRET_BYTES];
    JournalHead gone = {.ceremony = "y", .entries = 7};
    key_of(w, key);
    stop(w);

    put_signed(w, "heads/y.json", &gone, key);
    cannot_be_made(w, "y", "journal.older");
    assert_true(cvk_file_write(in_dir(w, path, "heads/y.json"), "junk", 4, 0600, NULL));
    cannot_be_made(w, "y", "head.damaged");
    cannot_be_made(w, "x", "ceremony.exists"); /* whatever its head says */

    market_restart_from(w); /* nothing was written */
    assert_true(market_prove(w, 1));
    take_away(w, "heads/y.json");
    (void)open_beside(w, command, &n);
    assert_true(node_experiment_new(n, "y", NULL, &err));
    node_close(n);
}

/* ---- crashes ---- */

static void killed_between_commit_and_keeping_the_directory_opens(void **state) {
    MarketWorld *w = *state;
    Node *n;
    int status;
    stop(w);
    uint64_t before = kept_entries(w);

    pid_t child = fork();
    if (child == 0) {
        add_person(open_beside(w, command, &n), "carol");
        kill(getpid(), SIGKILL);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);

    assert_int_equal(kept_entries(w), before);
    (void)open_beside(w, tables, &n);
    node_close(n);
    market_restart_from(w);
    assert_int_equal(w->e->seq, before + 1);
    assert_int_equal(experiment_who(w->e, "carol", 5), 3);
    market_pass(w, 1000);
    assert_int_equal(kept_entries(w), before + 1);
}

static void what_a_crash_left_among_heads_goes_when_the_server_starts(void **state) {
    MarketWorld *w = *state;
    static const char left[] = "heads/x.json.tmp-a1B2c3";
    Node *n;
    stop(w);
    copy(w, KEPT, left);

    (void)open_beside(w, command, &n); /* a server may be writing it */
    node_close(n);
    assert_true(is_there(w, left));
    int fd = hold_lock(w); /* somebody is writing it */
    market_restart_from(w);
    assert_true(is_there(w, left));
    close(fd);

    market_restart(w);

    assert_false(is_there(w, left));
    assert_true(is_there(w, KEPT));
}

/* ---- verification ---- */

typedef struct {
    unsigned n;
    ExperimentFault last;
} Faults;

static bool note(void *ctx, const ExperimentFault *f, CvkErr *err) {
    Faults *x = ctx;
    (void)err;
    x->n++;
    x->last = *f;
    return true;
}

static Faults verified(MarketWorld *w, const char *const *heads, uint64_t ret_heads[1]) {
    Faults x = {.n = 0};
    ExperimentVerified v;
    CvkErr err;
    if (!experiment_verify(w->e, &(ExperimentChecks){.heads = heads}, note, &x, &v, &err))
        fail_msg("%s: %s", err.id, err.msg);
    *ret_heads = v.heads;
    return x;
}

static void verification_compares_the_kept_head_with_the_entries(void **state) {
    MarketWorld *w = *state;
    uint8_t key[ETH_SECRET_BYTES];
    uint64_t heads;
    key_of(w, key);
    market_pass(w, 1000);
    JournalHead wrong = head_of(w, w->e->seq - 1); /* of one entry too few */
    assert_true(market_prove(w, 1));
    assert_int_equal(verified(w, NULL, &heads).n, 0);
    assert_int_equal(heads, 1);

    put_signed(w, KEPT, &wrong, key);
    Faults x = verified(w, NULL, &heads);

    assert_int_equal(x.n, 1);
    assert_string_equal(x.last.id, "journal.other");
    take_away(w, KEPT);
    assert_int_equal(verified(w, NULL, &heads).n, 0);
    assert_int_equal(heads, 0);
}

static void verification_compares_heads_that_were_kept_elsewhere(void **state) {
    MarketWorld *w = *state;
    static const struct {
        int more;
        bool foreign;
        const char *name, *id;
    } bad[] = {{1, false, "x", "journal.older"},
               {-1, false, "x", "journal.other"},
               {0, true, "x", "head.signature"},
               {0, false, "y", "head.ceremony"}};
    char early[LIMIT_PATH], late[LIMIT_PATH];
    uint8_t key[2][ETH_SECRET_BYTES];
    uint64_t heads;
    CvkErr err;
    key_of(w, key[false]);
    assert_true(eth_key_new(key[true], NULL));
    copy(w, KEPT, "early.json");
    market_pass(w, 1000);
    copy(w, KEPT, "late.json");
    assert_true(market_prove(w, 1));
    market_pass(w, 1000);
    const char *const both[] = {in_dir(w, early, "early.json"), in_dir(w, late, "late.json"), NULL};

    assert_int_equal(verified(w, both, &heads).n, 0);
    assert_int_equal(heads, 3);

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        JournalHead h = head_of(w, (uint64_t)((int64_t)w->e->seq + bad[i].more));
        snprintf(h.ceremony, sizeof h.ceremony, "%s", bad[i].name);
        put_signed(w, "late.json", &h, key[bad[i].foreign]);
        Faults x = verified(w, both, &heads);
        assert_int_equal(x.n, 1);
        assert_string_equal(x.last.id, bad[i].id);
    }

    assert_true(cvk_file_write(late, "{}", 2, 0600, NULL));
    Faults x = {.n = 0};
    ExperimentVerified v;
    assert_false(experiment_verify(w->e, &(ExperimentChecks){.heads = both}, note, &x, &v, &err));
    assert_string_equal(err.id, "head.shape");
    assert_int_equal(x.n, 0);
}

/* ---- backups ---- */

static void a_backup_holds_the_head_and_is_bound_by_it_when_restored(void **state) {
    MarketWorld *w = *state;
    char backup[512], restored[512];
    BackupReport made;
    RestoreReport *told = calloc(1, sizeof *told);
    CvkErr err;
    market_pass(w, 1000);
    stop(w);
    copy(w, "convoke.db", "old.db");
    market_restart_from(w);
    assert_true(market_prove(w, 1));
    market_pass(w, 1000);
    assert_true(market_prove(w, 1)); /* the database is newer than the head */
    uint64_t kept = kept_entries(w), entries = w->e->seq;
    assert_true(kept < entries);

    assert_true(node_backup(w->dir, scratch_path(&w->at, backup, "backup"), 1, &made,
                            (CvkProgress){.fn = NULL}, &err));
    if (!node_restore(backup, scratch_path(&w->at, restored, "restored"), NULL, told,
                      (CvkProgress){.fn = NULL}, &err))
        fail_msg("%s", err.msg);
    free(told);

    stop(w);
    char first[sizeof w->dir];
    snprintf(first, sizeof first, "%s", w->dir);
    snprintf(w->dir, sizeof w->dir, "%s/restored", w->at.dir);
    assert_int_equal(kept_entries(w), kept);
    market_restart_from(w);
    assert_int_equal(w->e->seq, entries);
    stop(w);
    copy(w, "../dir/old.db", "convoke.db");
    is_refused_by_all(w, "journal.older");
    snprintf(w->dir, sizeof w->dir, "%s", first);
    market_restart_from(w);
}

/* What could not be restored, or served, is no backup. */
static void what_is_refused_is_not_backed_up(void **state) {
    MarketWorld *w = *state;
    char backup[512], path[LIMIT_PATH];
    BackupReport made;
    CvkErr err;
    put_an_older_one_back(w);
    scratch_path(&w->at, backup, "backup");

    assert_false(node_backup(w->dir, backup, 1, &made, (CvkProgress){.fn = NULL}, &err));
    assert_string_equal(err.id, "journal.older");
    assert_non_null(strstr(err.msg, "experiment 'x'"));
    assert_false(cvk_file_exists(backup));

    copy(w, "new.db", "convoke.db");
    copy(w, KEPT, "good.json");
    assert_true(cvk_file_write(in_dir(w, path, KEPT), "junk", 4, 0600, NULL));
    assert_false(node_backup(w->dir, backup, 1, &made, (CvkProgress){.fn = NULL}, &err));
    assert_string_equal(err.id, "head.damaged");
    assert_false(cvk_file_exists(backup));

    copy(w, "good.json", KEPT);
    assert_true(node_backup(w->dir, backup, 1, &made, (CvkProgress){.fn = NULL}, &err));
    market_restart_from(w);
}

int main(int argc, char **argv) {
    MARKET_WORKER(argc, argv);
#define TEST_IN_WORLD(fn) cmocka_unit_test_setup_teardown(fn, market_setup, market_teardown)
    const struct CMUnitTest tests[] = {
        TEST_IN_WORLD(a_new_experiment_has_one_at_once),
        TEST_IN_WORLD(the_server_keeps_one_each_second_and_at_its_end),
        TEST_IN_WORLD(a_journal_that_has_not_grown_is_not_signed_again),
        TEST_IN_WORLD(a_command_keeps_one_if_it_has_written),
        TEST_IN_WORLD(who_only_reads_keeps_none),
        TEST_IN_WORLD(a_directory_without_heads_is_opened_and_gets_one),
        TEST_IN_WORLD(a_head_that_cannot_be_kept_is_told_once_for_each_reason),
        TEST_IN_WORLD(an_older_head_does_not_replace_a_newer_one),
        TEST_IN_WORLD(of_many_processes_that_keep_the_newest_head_stays),
        TEST_IN_WORLD(a_server_and_a_command_that_write_keep_heads_of_one_journal),
        TEST_IN_WORLD(the_thread_that_keeps_the_time_does_not_wait_for_the_lock),
        TEST_IN_WORLD(those_who_wait_for_the_lock_share_one_patience),
        TEST_IN_WORLD(a_node_that_ends_waits_for_the_lock_once),
        TEST_IN_WORLD(a_database_that_was_put_back_whole_is_refused),
        TEST_IN_WORLD(a_database_that_was_put_back_and_went_on_is_refused),
        TEST_IN_WORLD(a_head_that_is_not_ours_is_refused),
        TEST_IN_WORLD(nothing_is_made_where_a_head_of_the_same_name_is_kept),
        TEST_IN_WORLD(killed_between_commit_and_keeping_the_directory_opens),
        TEST_IN_WORLD(what_a_crash_left_among_heads_goes_when_the_server_starts),
        TEST_IN_WORLD(verification_compares_the_kept_head_with_the_entries),
        TEST_IN_WORLD(verification_compares_heads_that_were_kept_elsewhere),
        TEST_IN_WORLD(a_backup_holds_the_head_and_is_bound_by_it_when_restored),
        TEST_IN_WORLD(what_is_refused_is_not_backed_up),
    };
    return cmocka_run_group_tests_name("run/experiment_head", tests, NULL, NULL);
}
