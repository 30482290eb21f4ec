#include "base/meter.h"

void cvk_meter_init(CvkMeter *m, CvkProgress whole, size_t total) {
    *m = (CvkMeter){.whole = whole, .total = total};
    pthread_mutex_init(&m->lock, NULL);
}

void cvk_meter_done(CvkMeter *m) {
    pthread_mutex_destroy(&m->lock);
}

void cvk_meter_advance(CvkMeter *m, size_t units) {
    if (m == NULL || units == 0)
        return;
    pthread_mutex_lock(&m->lock);
    m->done = units < m->total - m->done ? m->done + units : m->total;
    if (m->whole.fn != NULL)
        m->whole.fn(m->whole.ctx, m->done, m->total);
    pthread_mutex_unlock(&m->lock);
}

/* Progress comes with `done` never falling: the difference is what is new. */
static void part_show(void *ctx, size_t done, size_t total) {
    (void)total;
    CvkMeterPart *part = ctx;
    size_t more = done - part->seen;
    part->seen = done;
    cvk_meter_advance(part->meter, more * part->weight);
}

CvkProgress cvk_meter_part(CvkMeterPart *part, CvkMeter *m, size_t weight) {
    *part = (CvkMeterPart){.meter = m, .weight = weight};
    return (CvkProgress){.fn = part_show, .ctx = part};
}
