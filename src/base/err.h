/* Errors that cost nothing.
 *
 * An error means that we have no verdict: the input is malformed, a limit is reached, a disk is
 * full. A *verdict* on a contribution ("this pairing does not hold") is not an error; it is a value
 * in a report (setup/). A bug is an assert(). Threads: a CvkErr belongs to its caller; nothing here
 * is shared. */
#pragma once

#include "base/place.h"

#include <stdbool.h>

#define MUST_USE __attribute__((warn_unused_result))
#define PRINTF_LIKE(fmt_at, args_at) __attribute__((format(printf, fmt_at, args_at)))

typedef enum {
    CVK_OK = 0,
    CVK_EBADREQ,   /* the peer or the file is malformed        -> 400, exit 2 */
    CVK_EAUTH,     /* we do not know who is asking              -> 401 */
    CVK_ENOTFOUND, /* there is no such thing                    -> 404 */
    CVK_ECONFLICT, /* not now: another holds the turn           -> 409 */
    CVK_ELIMIT,    /* too big, too fast, too many               -> 413, 429 */
    CVK_EBACKEND,  /* store, blobs, network or peer             -> 503 */
    CVK_EINTERNAL, /* a bug or a full disk: the log tells       -> 500 */
} CvkCode;

#define CVK_ERR_MSG_MAX 512 /* room for a path as shown, and for what is said of it */

/* Caller-owned, usually on the stack; never allocates. `id` is a string constant such as
 * "json.depth"; it is API: programs match on it. `msg` is for people: lower case, no full stop,
 * says what to do, and of which file. `place` is for programs: where what is wrong lies, if it
 * lies somewhere. */
typedef struct {
    CvkCode code;
    const char *id;
    char msg[CVK_ERR_MSG_MAX];
    CvkPlace place;
} CvkErr;

/* Sets *err (may be NULL) and returns false: `return cvk_fail(err, CVK_ELIMIT, "body.big", ...)`.
 */
bool cvk_fail(CvkErr *err, CvkCode code, const char *id, const char *fmt, ...) PRINTF_LIKE(4, 5);

/* The same for a failed system call: appends ": <text of errno>". Code CVK_EBACKEND. */
bool cvk_fail_errno(CvkErr *err, const char *id, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* Puts "<prefix>: " before the message of an error that is already set. Returns false. */
bool cvk_fail_prefix(CvkErr *err, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Of an error that is already set: it is about this place. Returns false. */
bool cvk_fail_at(CvkErr *err, const CvkPlace *place);
/* The same of a file: where in it, if that was told without its name. NULL: of none. */
bool cvk_fail_in(CvkErr *err, const char *path);
/* And puts "<path>: " before the message, which does not name it. */
bool cvk_fail_named(CvkErr *err, const char *path);

#ifdef __clang_analyzer__
/* The analyzer does not look into other files: tell it what these return. */
static inline bool cvk_false(bool ret) {
    (void)ret;
    return false;
}
#define cvk_fail(...) cvk_false(cvk_fail(__VA_ARGS__))
#define cvk_fail_errno(...) cvk_false(cvk_fail_errno(__VA_ARGS__))
#define cvk_fail_prefix(...) cvk_false(cvk_fail_prefix(__VA_ARGS__))
#define cvk_fail_at(...) cvk_false(cvk_fail_at(__VA_ARGS__))
#define cvk_fail_in(...) cvk_false(cvk_fail_in(__VA_ARGS__))
#define cvk_fail_named(...) cvk_false(cvk_fail_named(__VA_ARGS__))
#endif
