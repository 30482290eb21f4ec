/* The tree over the journal: receipts that prove their entry, heads that were signed, and a start
 * that compares. */
#include "base/file.h"
#include "format/receipt.h"
#include "run/backup.h"
#include "run/journal.h"
#include "run/world.h"

#include <sys/stat.h>

/* ---- receipts ---- */

static void a_receipt_proves_its_entry(void **state) {
    World *w = *state;
    char *receipt, signature[131];
    ReceiptClaims *claims = malloc(sizeof *claims);
    uint8_t root[MERKLE_HASH];
    CvkErr err;
    world_contribute(w, "git|1|a", 1);
    world_contribute(w, "git|2|b", 2);
    cvk_merkle_root(&w->c->tree, root);
    uint64_t entries = w->c->tree.n;

    assert_true(ceremony_receipt(w->c, 2, &receipt, signature, &err));

    assert_true(receipt_claims_read(receipt, claims, &err));
    assert_true(claims->has_journal);
    assert_true(receipt_journal_holds(&claims->journal));
    assert_int_equal(claims->journal.entry, entries); /* the acceptance was the last */
    assert_memory_equal(claims->journal.root, root, sizeof root);
    assert_non_null(strstr(claims->journal.event, "\"ContributionAccepted\""));
    free(receipt);
    free(claims);
}

static void the_tree_is_the_same_after_a_start(void **state) {
    World *w = *state;
    uint8_t before[MERKLE_HASH], after[MERKLE_HASH];
    world_contribute(w, "git|1|a", 1);
    world_contribute(w, "git|2|b", 2);
    cvk_merkle_root(&w->c->tree, before);

    world_restart(w);

    cvk_merkle_root(&w->c->tree, after);
    assert_memory_equal(before, after, sizeof before);
    assert_int_equal(w->c->tree.n, w->c->seq);
}

/* ---- signed heads ---- */

static void the_newest_acceptance_is_signed(void **state) {
    World *w = *state;
    JournalHead head;
    uint8_t root[MERKLE_HASH];
    CvkErr err;
    assert_true(kept_head_read(&w->c->kept_head, &head, &err));
    assert_int_equal(head.entries, 0);

    world_contribute(w, "git|1|a", 1);

    assert_true(kept_head_read(&w->c->kept_head, &head, &err));
    cvk_merkle_root(&w->c->tree, root);
    assert_int_equal(head.entries, w->c->seq);
    assert_memory_equal(head.root, root, sizeof root);
}

static void an_older_head_does_not_replace_a_newer_one(void **state) {
    World *w = *state;
    JournalHead head;
    world_contribute(w, "git|1|a", 1);

    kept_head_keep(&w->c->kept_head, 1, (uint8_t[MERKLE_HASH]){7}, NULL);

    assert_true(kept_head_read(&w->c->kept_head, &head, NULL));
    assert_int_equal(head.entries, w->c->seq);
}

static void copy(const World *w, const char *from, const char *to) {
    char path[LIMIT_PATH];
    CvkBuf b = CVK_BUF(1 << 26);
    CvkErr err;
    assert_true(cvk_path(path, w->at.dir, from, &err));
    assert_true(cvk_file_read(path, &b, &err));
    assert_true(cvk_path(path, w->at.dir, to, &err));
    assert_true(cvk_file_write(path, b.data, b.n, 0600, &err));
    cvk_buf_done(&b);
}

static void refuses_to_start(World *w, const char *id) {
    CvkErr err;
    assert_false(node_open(w->at.dir, (NodeOptions){.serving = true, .by_hand = true, .threads = 1},
                           &w->node, &err));
    assert_string_equal(err.id, id);
    assert_non_null(strstr(err.msg, "backup"));
    assert_non_null(strstr(err.msg, "'convoke restore'"));
    w->node = NULL;
}

static void is_not_backed_up(const World *w, const char *id) {
    char out[LIMIT_PATH];
    BackupReport made;
    CvkErr err;
    assert_true(cvk_path(out, w->at.dir, "backup", &err));
    assert_false(node_backup(w->at.dir, out, 1, &made, (CvkProgress){.fn = NULL}, &err));
    assert_string_equal(err.id, id);
    assert_non_null(strstr(err.msg, "ceremony 'small'"));
    assert_false(cvk_file_exists(out));
}

static void a_database_older_than_what_was_signed_is_refused(void **state) {
    World *w = *state;
    world_contribute(w, "git|1|a", 1);
    node_close(w->node);
    copy(w, "convoke.db", "old.db");
    world_start(w);
    assert_true(node_ceremony(w->node, NULL, &w->c, NULL));
    world_contribute(w, "git|2|b", 2);
    node_close(w->node);
    copy(w, "convoke.db", "new.db");
    copy(w, "old.db", "convoke.db");

    refuses_to_start(w, "journal.older");
    is_not_backed_up(w, "journal.older");

    copy(w, "new.db", "convoke.db");
    world_start(w);
    assert_true(node_ceremony(w->node, NULL, &w->c, NULL));
    assert_int_equal(world_contributions(w), 2);
}

static void another_journal_than_the_one_that_was_signed_is_refused(void **state) {
    World *w = *state;
    node_close(w->node);
    copy(w, "convoke.db", "empty.db");
    world_start(w);
    assert_true(node_ceremony(w->node, NULL, &w->c, NULL));
    world_contribute(w, "git|1|a", 1);
    node_close(w->node);
    copy(w, "heads/small.json", "first.json");
    copy(w, "empty.db", "convoke.db"); /* as if it had never been; and again, with another */
    char path[LIMIT_PATH];
    assert_true(cvk_path(path, w->at.dir, "heads/small.json", NULL));
    assert_int_equal(remove(path), 0);
    world_start(w);
    assert_true(node_ceremony(w->node, NULL, &w->c, NULL));
    world_contribute(w, "git|2|b", 2);
    node_close(w->node);
    copy(w, "heads/small.json", "second.json");
    copy(w, "first.json", "heads/small.json");

    refuses_to_start(w, "journal.other");
    is_not_backed_up(w, "journal.other");

    copy(w, "second.json", "heads/small.json");
    world_start(w);
}

static void a_head_that_is_not_ours_is_refused(void **state) {
    World *w = *state;
    char path[LIMIT_PATH];
    static const char *const bad[] = {"", "{}", "{\"head\":\"x\",\"signature\":\"y\"}"};
    world_contribute(w, "git|1|a", 1);
    node_close(w->node);
    copy(w, "heads/small.json", "good.json");
    assert_true(cvk_path(path, w->at.dir, "heads/small.json", NULL));

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_true(cvk_file_write(path, bad[i], strlen(bad[i]), 0600, NULL));
        refuses_to_start(w, "head.damaged");
    }

    copy(w, "good.json", "heads/small.json");
    world_start(w);
}

/* ---- snapshots ---- */

/* Puts a snapshot with byte `at` flipped. */
static void put_snapshot(World *w, size_t at) {
    CvkBuf bytes = CVK_BUF(LIMIT_SNAPSHOT);
    CvkErr err;
    assert_true(journal_snapshot(w->c, &bytes, &err));
    bytes.data[at] ^= 1;
    assert_true(store_snapshot_put(w->c->store, w->c->id, w->c->seq, bytes.data, bytes.n, &err));
    cvk_buf_done(&bytes);
}

static void a_snapshot_with_a_damaged_tree_is_not_believed(void **state) {
    World *w = *state;
    static const size_t at[] = {0, 1, 9, 10, 41};
    world_contribute(w, "git|1|a", 1);
    for (size_t i = 0; i < sizeof at / sizeof *at; i++) {
        uint8_t before[MERKLE_HASH], after[MERKLE_HASH];
        put_snapshot(w, at[i]);
        cvk_merkle_root(&w->c->tree, before);

        world_restart(w);

        cvk_merkle_root(&w->c->tree, after);
        assert_memory_equal(before, after, sizeof before);
        assert_int_equal(world_contributions(w), 1);
    }
    world_contribute(w, "git|2|b", 2);
}

int main(void) {
#define IN_WORLD(fn) cmocka_unit_test_setup_teardown(fn, world_setup, world_teardown)
    const struct CMUnitTest tests[] = {
        IN_WORLD(a_receipt_proves_its_entry),
        IN_WORLD(the_tree_is_the_same_after_a_start),
        IN_WORLD(the_newest_acceptance_is_signed),
        IN_WORLD(an_older_head_does_not_replace_a_newer_one),
        IN_WORLD(a_database_older_than_what_was_signed_is_refused),
        IN_WORLD(another_journal_than_the_one_that_was_signed_is_refused),
        IN_WORLD(a_head_that_is_not_ours_is_refused),
        IN_WORLD(a_snapshot_with_a_damaged_tree_is_not_believed),
    };
    return cmocka_run_group_tests_name("run/journal", tests, NULL, NULL);
}
