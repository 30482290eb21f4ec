/* A directory of a test's own, gone with it: TEST_SCRATCH(fn) is a test whose *state is a Scratch.
 * Include after support/test.h. */
#pragma once

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

typedef struct {
    char dir[128];
} Scratch;

static inline void scratch_make(Scratch *s) {
    const char *base = getenv("TMPDIR");
    snprintf(s->dir, sizeof s->dir, "%s/convoke-test.XXXXXX", base != NULL ? base : "/tmp");
    assert_non_null(mkdtemp(s->dir));
}

/* Valid until the next call with the same buffer. */
static inline const char *scratch_path(const Scratch *s, char ret[512], const char *name) {
    snprintf(ret, 512, "%s/%s", s->dir, name);
    return ret;
}

/* How many files and directories it holds. */
static inline size_t scratch_count(const Scratch *s) {
    size_t n = 0;
    DIR *d = opendir(s->dir);
    assert_non_null(d);
    while (readdir(d) != NULL)
        n++;
    closedir(d);
    return n - 2; /* . and .. */
}

/* Removes a file, or a directory as deep as a test made it. */
static inline void scratch_remove_at(int parent, const char *name) {
    if (unlinkat(parent, name, 0) == 0)
        return;
    int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    DIR *d = fd < 0 ? NULL : fdopendir(fd);
    if (d == NULL)
        return;
    for (struct dirent *e = readdir(d); e != NULL; e = readdir(d))
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
            scratch_remove_at(dirfd(d), e->d_name);
    closedir(d);
    unlinkat(parent, name, AT_REMOVEDIR);
}

static inline void scratch_remove(Scratch *s) {
    scratch_remove_at(AT_FDCWD, s->dir);
}

static inline int scratch_setup(void **state) {
    *state = calloc(1, sizeof(Scratch));
    assert_non_null(*state);
    scratch_make(*state);
    return 0;
}

static inline int scratch_teardown(void **state) {
    scratch_remove(*state);
    free(*state);
    return 0;
}

#define TEST_SCRATCH(fn) cmocka_unit_test_setup_teardown(fn, scratch_setup, scratch_teardown)
