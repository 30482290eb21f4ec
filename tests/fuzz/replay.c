/* Replays a corpus through a fuzz target: each file whole, cut short, and with single bytes
 * changed, the same way every time. One TAP case a corpus. It shows in any build that what was once
 * found stays mended; finding new things is libFuzzer's part.
 *
 *     replay_NAME NAME CORPUS-DIR      or: replay_NAME NAME FILE, for one input as it is */
#include "fuzz/fuzz.h"

#include <dirent.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define CUTS_MAX 256    /* prefixes tried of one file, evenly spread */
#define CHANGES_MAX 256 /* single-byte changes tried of one file */
#define PATH_TEXT 4096

/* What runs now, for the handler that tells it when the program dies. */
static char running[PATH_TEXT + 64];

static void tell_what_ran(int sig) {
    static const char before[] = "\n# died while running ";
    ssize_t wrote = write(STDOUT_FILENO, before, sizeof before - 1);
    wrote += write(STDOUT_FILENO, running, strlen(running));
    wrote += write(STDOUT_FILENO, "\n", 1);
    (void)wrote;
    signal(sig, SIG_DFL);
    raise(sig);
}

/* An exact-size heap copy, so that AddressSanitizer sees a read past the end. */
static void run_copy(const uint8_t *data, size_t n) {
    uint8_t *copy = n != 0 ? malloc(n) : NULL;
    assert(n == 0 || copy != NULL);
    if (n != 0)
        memcpy(copy, data, n);
    fuzz_one(copy, n);
    free(copy);
}

static size_t run_variants(uint8_t *data, size_t n, const char *path) {
    size_t runs = 0, cuts = n < CUTS_MAX ? n : CUTS_MAX;
    for (size_t i = 0; i < cuts; i++, runs++) {
        size_t kept = n * i / cuts;
        snprintf(running, sizeof running, "%s, its first %zu bytes", path, kept);
        run_copy(data, kept);
    }
    static const uint8_t flips[] = {0x01, 0x80, 0xff, 0x20};
    size_t changes = n < CHANGES_MAX ? n : CHANGES_MAX;
    for (size_t i = 0; i < changes; i++, runs++) {
        size_t at = n * i / changes;
        uint8_t flip = flips[i % sizeof flips];
        snprintf(running, sizeof running, "%s, byte %zu ^ 0x%02x", path, at, flip);
        data[at] ^= flip;
        run_copy(data, n);
        data[at] ^= flip;
    }
    return runs;
}

static uint8_t *read_whole(const char *path, size_t *ret_n) {
    FILE *f = fopen(path, "rb");
    struct stat st;
    if (f == NULL || fstat(fileno(f), &st) != 0) {
        perror(path);
        exit(2);
    }
    *ret_n = (size_t)st.st_size;
    uint8_t *data = malloc(*ret_n + 1);
    if (data == NULL || fread(data, 1, *ret_n, f) != *ret_n) {
        perror(path);
        exit(2);
    }
    fclose(f);
    return data;
}

static size_t run_file(const char *path, bool variants) {
    size_t n;
    uint8_t *data = read_whole(path, &n);
    snprintf(running, sizeof running, "%s", path);
    run_copy(data, n);
    size_t runs = 1 + (variants ? run_variants(data, n, path) : 0);
    free(data);
    return runs;
}

static size_t run_dir(const char *path, size_t *ret_files) {
    struct dirent **names;
    int n = scandir(path, &names, NULL, alphasort);
    size_t runs = 0;
    for (int i = 0; i < n; i++) {
        char file[PATH_TEXT];
        snprintf(file, sizeof file, "%s/%s", path, names[i]->d_name);
        if (names[i]->d_name[0] != '.') {
            runs += run_file(file, true);
            ++*ret_files;
        }
        free(names[i]);
    }
    if (n >= 0)
        free(names);
    return runs;
}

int main(int argc, char **argv) {
    struct stat st;
    if (argc != 3 || stat(argv[2], &st) != 0) {
        fprintf(stderr, "usage: %s NAME CORPUS-DIR|FILE (no '%s')\n", argv[0],
                argc == 3 ? argv[2] : "");
        return 2;
    }
    signal(SIGABRT, tell_what_ran);
    size_t files = 0, runs;
    if (S_ISDIR(st.st_mode)) {
        runs = run_dir(argv[2], &files);
    } else {
        runs = run_file(argv[2], false);
        files = 1;
    }
    printf("1..1\n%sok 1 - %s: %zu inputs of %zu files\n", files != 0 ? "" : "not ", argv[1], runs,
           files);
    return files != 0 ? 0 : 1;
}
