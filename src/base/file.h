/* Files that are either whole and durable, or not there. POSIX only. */
#pragma once

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/temporary.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

/* What stands between the name and six random characters in the name of a temporary file. */
#define CVK_FILE_TEMPORARY ".tmp-"

/* Sets *err after a failed system call: "cannot <what> '<path>': <why>", about this file. Returns
 * false. */
bool cvk_file_cannot(CvkErr *err, const char *id, const char *what, const char *path);

/* Joins `dir` and `name` into ret[LIMIT_PATH]; false (CVK_ELIMIT) when it does not fit. */
bool cvk_path(char ret[LIMIT_PATH], const char *dir, const char *name, CvkErr *err) MUST_USE;

/* Reads a whole file into *b (appended); CVK_ELIMIT if *b would hold more than b->max bytes, and
 * then *b holds the beginning. */
bool cvk_file_read(const char *path, CvkBuf *b, CvkErr *err) MUST_USE;

/* At most `cap` bytes of a descriptor, to its end, with no buffer between that keeps a copy: for
 * secrets. `what` names it in messages ("file.read"). */
bool cvk_file_read_secret(int fd, const char *what, void *ret, size_t cap, size_t *ret_n,
                          CvkErr *err) MUST_USE;

/* Writes `path` so that after a crash it is either the old file or the new one, whole: temporary
 * file beside it, fsync, rename, fsync of the directory. Its permissions are exactly `mode`,
 * whatever the umask. False: the old file stands and nothing else is left (only if the directory
 * cannot be synced the new file stands, perhaps not durably). A crash may leave the temporary file:
 * it hinders nobody, and its name tells; a signal does not (base/temporary.h). */
bool cvk_file_write(const char *path, const void *data, size_t n, mode_t mode,
                    CvkErr *err) MUST_USE;

/* Could a file be written there? For who is going to work for hours, or to ask somebody for a text,
 * before the output is opened. False: "file.kind" if something that is no regular file has the name
 * (a directory, a device: nothing is put in its place), "file.create" if no file can be made in its
 * directory. */
bool cvk_file_out_check(const char *path, CvkErr *err) MUST_USE;

/* A file that is written in pieces, in the same way: open, write to f, then commit (or abandon).
 * Opening refuses what the check does. */
typedef struct {
    FILE *f;
    char path[LIMIT_PATH];
    char temporary[LIMIT_PATH];
    CvkTemporary listed;
} CvkFileOut;

bool cvk_file_out_open(CvkFileOut *out, const char *path, mode_t mode, CvkErr *err) MUST_USE;
bool cvk_file_out_commit(CvkFileOut *out,
                         CvkErr *err) MUST_USE; /* closes; on false nothing is left */
/* The same for what can be made again: nobody waits for the disk, and a machine that loses its
 * power may leave the name with other contents. */
bool cvk_file_out_place(CvkFileOut *out, CvkErr *err) MUST_USE;
void cvk_file_out_abandon(CvkFileOut *out); /* no-op after commit */

/* A regular file, to be read: pipes and devices may stand still or never end. A symbolic link is
 * one only if `follow`. NULL: CVK_EBADREQ "file.kind" for what is none, else "file.open". The
 * caller closes it. */
FILE *cvk_file_open_regular(const char *path, bool follow, CvkErr *err) MUST_USE;

/* How many bytes can be read of a regular file from its start, `most` at most; of anything else
 * nobody knows: `most`. */
size_t cvk_file_room(FILE *f, size_t most);

/* Makes a directory (mode less the umask); an existing one is fine, whatever its mode. */
bool cvk_dir_make(const char *path, mode_t mode, CvkErr *err) MUST_USE;
/* Is there nothing in it? */
bool cvk_dir_empty(const char *path, bool *ret, CvkErr *err) MUST_USE;
/* Removes the files in it, as far as it can; directories stay. What a crash left behind. */
void cvk_dir_clear(const char *path);
/* Removes the temporary files in it, as far as it can: what was being written there
 * (cvk_file_write) when there was a crash. Nobody may be writing there now. */
void cvk_dir_clear_temporary(const char *path);
bool cvk_dir_sync(const char *path, CvkErr *err) MUST_USE;
/* All of it, whatever write(2) takes at a time. False: errno says why. */
bool cvk_write_whole(int fd, const void *data, size_t n) MUST_USE;
bool cvk_file_exists(const char *path); /* false also where it cannot be seen */
/* A command's output may not be one of its inputs, by whatever name: "file.same". */
bool cvk_file_apart(const char *output, const char *input, CvkErr *err) MUST_USE;
