/* The progress of work that has several parts, for one bar: each part says in units what it is
 * going to do and then what it did. Units are about the cost of one multiplication in G1.
 * Thread-safe. */
#pragma once

#include "base/progress.h"

#include <pthread.h>
#include <stdint.h>

typedef struct {
    CvkProgress whole;
    pthread_mutex_t lock;
    size_t done, total;
} CvkMeter;

void cvk_meter_init(CvkMeter *m, CvkProgress whole, size_t total);
void cvk_meter_done(CvkMeter *m); /* the end of its life; shows nothing */
/* Never past the total. NULL: nobody looks. */
void cvk_meter_advance(CvkMeter *m, size_t units);

/* The progress of one part whose items are worth `weight` units each, for functions that take a
 * CvkProgress. `part` must live as long as it is used. */
typedef struct {
    CvkMeter *meter;
    size_t weight, seen;
} CvkMeterPart;
CvkProgress cvk_meter_part(CvkMeterPart *part, CvkMeter *m, size_t weight);
