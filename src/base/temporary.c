#include "base/temporary.h"

#include "base/limits.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#define SLOTS 16         /* a command has two or three at a time */
#define PATIENCE_MS 1000 /* for another thread to make its file; it may wait for a lock of ours */

/* FREE -> TAKEN (signals are blocked in the thread that makes the file) -> LISTED -> FREE. */
enum { FREE, TAKEN, LISTED };

/* State of the process, as its signal handlers are: a handler is told nothing but the number.
 * `ending` comes before the handler looks at the slots, and is looked at after a slot was taken: so
 * none is filled behind its back. */
static struct {
    atomic_int state;
    char path[LIMIT_PATH];
} slots[SLOTS];
static atomic_bool ending;
static pid_t watched; /* a child that was forked has nothing to remove */

static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
#define SIGNALS_N (sizeof signals / sizeof *signals)

/* ---- in the handler: async-signal-safe functions only ---- */

static void remove_listed(void) {
    int patience = PATIENCE_MS;
    for (size_t i = 0; i < SLOTS; i++) {
        while (atomic_load(&slots[i].state) == TAKEN && patience-- > 0)
            poll(NULL, 0, 1); /* another thread makes it: this one would not get the signal */
        if (atomic_load(&slots[i].state) == LISTED)
            unlink(slots[i].path);
    }
    for (size_t i = 0; i < SLOTS; i++) /* directories, which are empty now */
        if (atomic_load(&slots[i].state) == LISTED)
            rmdir(slots[i].path);
}

static void end_by(int number) {
    const struct sigaction usual = {.sa_handler = SIG_DFL};
    sigset_t only;
    atomic_store(&ending, true);
    if (getpid() == watched)
        remove_listed();
    sigemptyset(&only);
    sigaddset(&only, number);
    sigaction(number, &usual, NULL);
    raise(number);
    pthread_sigmask(SIG_UNBLOCK, &only, NULL);
}

/* ---- outside ---- */

/* Nothing is to be begun, and nothing to be said, by who is about to end. */
static void wait_for_end(void) {
    while (atomic_load(&ending))
        pause();
}

void cvk_temporary_watch(void) {
    struct sigaction now = {.sa_handler = end_by}, before;
    sigemptyset(&now.sa_mask);
    watched = getpid();
    for (size_t i = 0; i < SIGNALS_N; i++)
        if (sigaction(signals[i], NULL, &before) == 0 && before.sa_handler == SIG_DFL)
            sigaction(signals[i], &now, NULL);
}

static int take_slot(void) {
    for (int i = 0; i < SLOTS; i++) {
        int expected = FREE;
        if (atomic_compare_exchange_strong(&slots[i].state, &expected, TAKEN))
            return i;
    }
    return -1;
}

static void let_signals_come(CvkTemporary *t) {
    if (t->waiting)
        pthread_sigmask(SIG_SETMASK, &t->signals, NULL);
    t->waiting = false;
}

void cvk_temporary_begin(CvkTemporary *t) {
    sigset_t set;
    sigemptyset(&set);
    for (size_t i = 0; i < SIGNALS_N; i++)
        sigaddset(&set, signals[i]);
    pthread_sigmask(SIG_BLOCK, &set, &t->signals);
    t->waiting = true;
    t->slot = take_slot();
    if (atomic_load(&ending) && t->slot >= 0)
        atomic_store(&slots[t->slot].state, FREE);
    wait_for_end();
}

void cvk_temporary_list(CvkTemporary *t, const char *path) {
    const size_t n = strlen(path);
    const bool fits = n < LIMIT_PATH;
    if (t->slot >= 0 && fits)
        memcpy(slots[t->slot].path, path, n + 1);
    if (t->slot >= 0)
        atomic_store(&slots[t->slot].state, fits ? LISTED : FREE);
    if (!fits)
        t->slot = -1;
    let_signals_come(t);
}

void cvk_temporary_drop(CvkTemporary *t) {
    if (t->slot >= 0)
        atomic_store(&slots[t->slot].state, FREE);
    t->slot = -1;
    let_signals_come(t);
    wait_for_end();
}
