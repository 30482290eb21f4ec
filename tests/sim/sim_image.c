#include "sim/sim_image.h"

#include "sim/sim_plan.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* ---- bytes ---- */

/* A test that has no memory cannot go on. */
static void *grown(void *p, size_t n, size_t size) {
    void *q = realloc(p, n * size);
    assert(q != NULL);
    return q;
}

static void bytes_reserve(SimBytes *b, size_t n) {
    if (n <= b->cap)
        return;
    size_t cap = b->cap == 0 ? 4096 : b->cap;
    while (cap < n)
        cap *= 2;
    b->data = grown(b->data, cap, 1);
    b->cap = cap;
}

static void bytes_size(SimBytes *b, size_t n) {
    bytes_reserve(b, n);
    if (n > b->n)
        memset(b->data + b->n, 0, n - b->n);
    b->n = n;
}

static void bytes_put(SimBytes *b, const void *data, size_t n, size_t offset) {
    if (n == 0)
        return;
    if (offset + n > b->n)
        bytes_size(b, offset + n);
    memcpy(b->data + offset, data, n);
}

/* ---- the image ---- */

void sim_image_done(SimImage *i) {
    free(i->now.data);
    free(i->durable.data);
    free(i->written.data);
    free(i->changes);
    *i = (SimImage){0};
}

size_t sim_image_read(const SimImage *i, void *into, size_t n, size_t offset) {
    if (offset >= i->now.n)
        return 0;
    size_t there = i->now.n - offset < n ? i->now.n - offset : n;
    memcpy(into, i->now.data + offset, there);
    return there;
}

static void add_change(SimImage *i, SimChange change) {
    if (i->n_changes == i->cap_changes) {
        i->cap_changes = i->cap_changes == 0 ? 64 : 2 * i->cap_changes;
        i->changes = grown(i->changes, i->cap_changes, sizeof *i->changes);
    }
    i->changes[i->n_changes++] = change;
}

void sim_image_write(SimImage *i, const void *data, size_t n, size_t offset) {
    if (n == 0)
        return;
    add_change(i, (SimChange){.offset = offset, .n = n, .at = i->written.n});
    bytes_put(&i->written, data, n, i->written.n);
    bytes_put(&i->now, data, n, offset);
}

void sim_image_cut(SimImage *i, size_t n) {
    add_change(i, (SimChange){.offset = n, .cut = true});
    bytes_size(&i->now, n);
}

static void forget_changes(SimImage *i) {
    i->n_changes = 0;
    i->written.n = 0;
}

static void make_change(SimImage *i, const SimChange *c) {
    if (c->cut)
        bytes_size(&i->durable, c->offset);
    else
        bytes_put(&i->durable, i->written.data + c->at, c->n, c->offset);
}

void sim_image_sync(SimImage *i) {
    for (size_t k = 0; k < i->n_changes; k++)
        make_change(i, &i->changes[k]);
    forget_changes(i);
}

/* ---- a crash ---- */

/* Where the disk made a file longer but did not write what belongs there, anything may stand. */
static void lose_sector(SimImage *i, size_t offset, size_t n, bool garbage) {
    if (!garbage || offset < i->durable.n)
        return;
    bytes_size(&i->durable, offset + n);
    for (size_t k = 0; k < n; k++)
        i->durable.data[offset + k] = (uint8_t)sim_plan_random();
}

/* Some sectors of one write: all below `whole`, or (whole 0) any. */
static void tear(SimImage *i, const SimChange *c, size_t whole, bool garbage) {
    for (size_t done = 0; done < c->n;) {
        size_t offset = c->offset + done;
        size_t n = SIM_SECTOR - offset % SIM_SECTOR;
        if (n > c->n - done)
            n = c->n - done;
        bool kept = whole != 0 ? done < whole : sim_plan_coin();
        if (kept)
            bytes_put(&i->durable, i->written.data + c->at + done, n, offset);
        else
            lose_sector(i, offset, n, garbage);
        done += n;
    }
}

static void survive_prefix(SimImage *i, bool garbage) {
    size_t last = (size_t)(sim_plan_random() % i->n_changes);
    for (size_t k = 0; k < last; k++)
        make_change(i, &i->changes[k]);
    const SimChange *c = &i->changes[last];
    if (!c->cut)
        tear(i, c, 1 + (size_t)(sim_plan_random() % c->n), garbage);
}

static void survive_any(SimImage *i, bool garbage) {
    for (size_t k = 0; k < i->n_changes; k++) {
        const SimChange *c = &i->changes[k];
        if (!c->cut)
            tear(i, c, 0, garbage);
        else if (sim_plan_coin())
            make_change(i, c);
    }
}

void sim_image_crash(SimImage *i) {
    if (i->n_changes != 0) {
        bool garbage = sim_plan_coin();
        switch (sim_plan_survival()) {
        case SURVIVE_ALL:
            sim_image_sync(i);
            break;
        case SURVIVE_PREFIX:
            survive_prefix(i, garbage);
            break;
        case SURVIVE_ANY:
            survive_any(i, garbage);
            break;
        case SURVIVE_NONE:
        case SURVIVE_N:
            break;
        }
    }
    forget_changes(i);
    i->now.n = 0;
    bytes_put(&i->now, i->durable.data, i->durable.n, 0);
}
