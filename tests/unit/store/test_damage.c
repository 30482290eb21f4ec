/* A database file that a disk has damaged: whatever byte it is, reading gives what was written or
 * an error that says what to do; never something else. */
#include "support/test.h"

#include "store/sqlite.h"
#include "store_bench.h"

#include <sys/stat.h>

enum { ENTRIES = 40, STEP = 61 };

static void text_of(uint64_t seq, char ret[512]) {
    snprintf(ret, 512, "{\"v\":1,\"type\":\"Some\",\"now\":%llu,\"text\":\"%0300llu\"}",
             1000 + (unsigned long long)seq, (unsigned long long)seq);
}

/* Entries with private parts and a head; closed, all in the one file. */
static void make_journal(Bench *b) {
    for (uint64_t seq = 1; seq <= ENTRIES; seq++) {
        char json[512];
        text_of(seq, json);
        StoreEntry e = bench_next(b->s, b->ceremony, json);
        StoreHead h = {.seq = seq};
        memcpy(h.hash, e.hash, sizeof h.hash);
        e.part = "{\"identity\":\"eth|0xaa\"}";
        e.part_n = strlen(e.part);
        assert_true(store_begin(b->s, NULL));
        assert_true(store_journal_append(b->s, b->ceremony, &e, NULL));
        assert_true(store_head_put(b->s, b->ceremony, &h, NULL));
        assert_true(store_commit(b->s, NULL));
    }
    b->s = store_close(b->s);
}

static bool check_entry(void *ctx, const StoreEntry *e, CvkErr *err) {
    char json[512];
    (void)err;
    text_of(e->seq, json);
    assert_int_equal(e->seq, ++*(uint64_t *)ctx);
    assert_int_equal(e->n, strlen(json));
    assert_memory_equal(e->json, json, e->n);
    return true;
}

/* True: all was as it was written. */
static bool reads_well(Bench *b, uint64_t *ret_read, CvkErr *err) {
    Store *s = NULL;
    StoreHead h;
    bool found;
    *ret_read = 0;
    bool ok = store_open(b->path, false, &s, err) &&
              store_head_get(s, b->ceremony, &h, &found, err) &&
              store_journal_each(s, b->ceremony, 1, check_entry, ret_read, err);
    store_close(s);
    if (ok && found && *ret_read != h.seq)
        return cvk_fail(err, CVK_EBACKEND, "journal.short", "as the caller would say");
    if (ok && found)
        assert_int_equal(*ret_read, ENTRIES);
    return ok;
}

static bool says_what_to_do(const CvkErr *err) {
    static const char *const known[] = {"journal.broken", "journal.short",    "store.damaged",
                                        "store.foreign",  "store.constraint", "store.newer",
                                        "store.sqlite"};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(err->id, known[i]) == 0)
            return err->code == CVK_EBACKEND;
    print_error("%s: %s\n", err->id, err->msg);
    return false;
}

static void flip(const char *path, off_t at) {
    uint8_t byte;
    int fd = open(path, O_RDWR);
    assert_int_equal(pread(fd, &byte, 1, at), 1);
    byte ^= 0x10;
    assert_int_equal(pwrite(fd, &byte, 1, at), 1);
    close(fd);
}

static void a_flipped_byte_anywhere_is_harmless_or_found(void **state) {
    Bench *b = *state;
    struct stat st;
    size_t found = 0, harmless = 0;
    uint64_t n;
    make_journal(b);
    assert_int_equal(stat(b->path, &st), 0);

    for (off_t at = 0; at < st.st_size; at += STEP) {
        CvkErr err = {0};
        flip(b->path, at);
        bool ok = reads_well(b, &n, &err);
        if (!ok)
            assert_true(says_what_to_do(&err));
        *(ok ? &harmless : &found) += 1;
        flip(b->path, at);
    }

    CvkErr err = {0};
    assert_true(reads_well(b, &n, &err));
    print_message("%zu found, %zu in unused space or elsewhere\n", found, harmless);
    assert_true(found > 100);
}

/* Where `text` begins in the file. */
static off_t place_of(const char *path, const char *text) {
    struct stat st;
    int fd = open(path, O_RDONLY);
    assert_int_equal(fstat(fd, &st), 0);
    char *all = malloc((size_t)st.st_size);
    assert_non_null(all);
    assert_int_equal(read(fd, all, (size_t)st.st_size), st.st_size);
    close(fd);
    size_t n = strlen(text);
    for (off_t at = 0; at + (off_t)n <= st.st_size; at++)
        if (memcmp(all + at, text, n) == 0) {
            free(all);
            return at;
        }
    free(all);
    fail_msg("no '%s' in the file", text);
    return -1;
}

static void a_flipped_byte_in_an_entry_is_located(void **state) {
    Bench *b = *state;
    CvkErr err = {0};
    uint64_t n;
    make_journal(b);
    flip(b->path, place_of(b->path, "\"now\":1017"));

    assert_false(reads_well(b, &n, &err));

    assert_int_equal(n, 16);
    assert_string_equal(err.id, "journal.broken");
    assert_non_null(strstr(err.msg, "entry 17 of the journal does not match its hash"));
    assert_non_null(strstr(err.msg, "restore the database from a backup"));
}

/* ---- a disk that cannot read: SQLite over a file that refuses at a place ---- */

static struct {
    sqlite3_vfs vfs;
    sqlite3_vfs *real;
    sqlite3_io_methods methods;
    const sqlite3_io_methods *real_methods;
    sqlite3_int64 bad_page; /* reads of this page of the main file fail */
} disk;

static int bad_read(sqlite3_file *f, void *to, int n, sqlite3_int64 at) {
    return at == disk.bad_page ? SQLITE_IOERR_READ : disk.real_methods->xRead(f, to, n, at);
}

static int bad_open(sqlite3_vfs *vfs, sqlite3_filename name, sqlite3_file *f, int flags,
                    int *ret_flags) {
    (void)vfs;
    int rc = disk.real->xOpen(disk.real, name, f, flags, ret_flags);
    if (rc == SQLITE_OK && (flags & SQLITE_OPEN_MAIN_DB) != 0) {
        disk.real_methods = f->pMethods;
        disk.methods = *f->pMethods;
        disk.methods.iVersion = 2; /* no memory map: every read is seen */
        disk.methods.xRead = bad_read;
        f->pMethods = &disk.methods;
    }
    return rc;
}

static void a_disk_that_cannot_read_an_entry_is_told(void **state) {
    Bench *b = *state;
    CvkErr err = {0};
    uint64_t n;
    make_journal(b);
    disk.real = sqlite3_vfs_find(NULL);
    disk.vfs = *disk.real;
    disk.vfs.zName = "bad";
    disk.vfs.xOpen = bad_open;
    disk.bad_page = place_of(b->path, "\"now\":1030") / 4096 * 4096;
    assert_int_equal(sqlite3_vfs_register(&disk.vfs, 1), SQLITE_OK);

    bool ok = reads_well(b, &n, &err);
    sqlite3_vfs_unregister(&disk.vfs);

    assert_false(ok);
    assert_in_range(n, 15, 29);
    assert_string_equal(err.id, "store.damaged");
    assert_int_equal(err.code, CVK_EBACKEND);
    assert_non_null(strstr(err.msg, "of the journal"));
    assert_non_null(strstr(err.msg, "look at the disk"));
}

static void a_file_that_was_cut_off_is_found(void **state) {
    Bench *b = *state;
    struct stat st;
    make_journal(b);
    assert_int_equal(stat(b->path, &st), 0);

    for (off_t size = st.st_size - 4096; size > 0; size -= 4096) {
        CvkErr err = {0};
        uint64_t n;
        assert_int_equal(truncate(b->path, size), 0);
        assert_false(reads_well(b, &n, &err));
        assert_string_equal(err.id, "store.damaged");
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        BENCH(a_flipped_byte_anywhere_is_harmless_or_found),
        BENCH(a_flipped_byte_in_an_entry_is_located),
        BENCH(a_disk_that_cannot_read_an_entry_is_told),
        BENCH(a_file_that_was_cut_off_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
