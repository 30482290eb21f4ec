/* One file as the machine sees it (now) and as the disk holds it (durable), with the changes that
 * lie between the two, in order. INVARIANT: durable with all changes made to it equals now. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    uint8_t *data;
    size_t n, cap;
} SimBytes;

typedef struct {
    size_t offset, n; /* a cut: the size from then on, and 0 */
    size_t at;        /* of its bytes in `written` */
    bool cut;
} SimChange;

typedef struct {
    SimBytes now, durable;
    SimBytes written; /* the bytes of the changes, one after another */
    SimChange *changes;
    size_t n_changes, cap_changes;
} SimImage;

void sim_image_done(SimImage *i);
/* Reads n bytes at most; how many there are. */
size_t sim_image_read(const SimImage *i, void *into, size_t n, size_t offset);
void sim_image_write(SimImage *i, const void *data, size_t n, size_t offset);
void sim_image_cut(SimImage *i, size_t n); /* or makes it longer, by zeros */
void sim_image_sync(SimImage *i);
/* Durable becomes what the seed leaves of the changes; now becomes that. */
void sim_image_crash(SimImage *i);
