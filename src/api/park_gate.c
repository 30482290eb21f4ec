#include "api/park_gate.h"

#include "base/alloc.h"

#include <pthread.h>
#include <stdlib.h>

/* `lock` is taken before the ceremony's own, never by somebody who holds one of those: wakes come
 * without any. */
struct ParkGate {
    Ceremony *ceremony;
    pthread_mutex_t lock;
    pthread_cond_t empty;
    ParkedPoll *first;
    bool closed;
};

ParkGate *park_gate_new(Ceremony *c, CvkErr *err) {
    ParkGate *g = cvk_alloc(1, sizeof *g, err);
    if (g == NULL)
        return NULL;
    g->ceremony = c;
    pthread_mutex_init(&g->lock, NULL);
    pthread_cond_init(&g->empty, NULL);
    return g;
}

ParkGate *park_gate_free(ParkGate *g) {
    if (g == NULL)
        return NULL;
    pthread_cond_destroy(&g->empty);
    pthread_mutex_destroy(&g->lock);
    free(g);
    return NULL;
}

static void insert(ParkGate *g, ParkedPoll *poll) {
    poll->before = NULL;
    poll->after = g->first;
    if (g->first != NULL)
        g->first->before = poll;
    g->first = poll;
}

/* Out of the gate. The request may be gone as soon as it is awake, so that comes last. Held: lock.
 */
static void wake(ParkGate *g, ParkedPoll *poll) {
    if (poll->before != NULL)
        poll->before->after = poll->after;
    else
        g->first = poll->after;
    if (poll->after != NULL)
        poll->after->before = poll->before;
    http_wake(poll->request);
    if (g->first == NULL)
        pthread_cond_broadcast(&g->empty);
}

static void on_wake(void *ctx) {
    ParkedPoll *poll = ctx;
    ParkGate *g = poll->gate;
    pthread_mutex_lock(&g->lock);
    wake(g, poll);
    pthread_mutex_unlock(&g->lock);
}

/* Under the lock all along, so that a wake, which may come at once, finds it in the list. */
bool park_gate_enter(ParkGate *g, ParkedPoll *poll, HttpRequest *r, const Session *s) {
    *poll = (ParkedPoll){.gate = g, .request = r};
    pthread_mutex_lock(&g->lock);
    bool in = !g->closed && ceremony_park(g->ceremony, s, on_wake, poll);
    if (in)
        insert(g, poll);
    pthread_mutex_unlock(&g->lock);
    return in;
}

void park_gate_close(ParkGate *g) {
    pthread_mutex_lock(&g->lock);
    g->closed = true;
    ParkedPoll *next;
    for (ParkedPoll *poll = g->first; poll != NULL; poll = next) {
        next = poll->after;
        if (ceremony_unpark(g->ceremony, poll))
            wake(g, poll);
    }
    while (g->first != NULL) /* those that the ceremony is waking right now */
        pthread_cond_wait(&g->empty, &g->lock);
    pthread_mutex_unlock(&g->lock);
}
