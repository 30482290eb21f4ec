#include "engine/meter.h"

static int64_t width_of(size_t level) {
    return (int64_t)PRESENCE_BUCKET_MS << level;
}

static uint64_t sum(uint64_t a, uint64_t b) {
    return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

/* The time on this meter's clock, never before `floor`. */
static int64_t own_time(const Meter *m, int64_t now_ms, int64_t floor) {
    int64_t t = now_ms > m->skipped_ms ? now_ms - m->skipped_ms : 0;
    return t < floor ? floor : t;
}

static void begin(Meter *m, uint64_t lease, int64_t now_ms) {
    m->lease = lease;
    m->measured = true;
    m->began_ms = m->newest_ms = own_time(m, now_ms, 0);
    for (size_t level = 0; level < PRESENCE_LEVELS; level++)
        for (size_t i = 0; i < PRESENCE_BUCKETS; i++)
            m->bucket[level][i] = (MeterBucket){.index = -1};
}

void meter_add(Meter *m, uint64_t lease, uint64_t bytes, int64_t now_ms) {
    if (m->measured && lease < m->lease)
        return; /* the last bytes of a turn that is over */
    if (!m->measured || lease > m->lease)
        begin(m, lease, now_ms);
    m->newest_ms = own_time(m, now_ms, m->newest_ms);
    for (size_t level = 0; level < PRESENCE_LEVELS; level++) {
        int64_t index = m->newest_ms / width_of(level);
        MeterBucket *b = &m->bucket[level][index % PRESENCE_BUCKETS];
        if (b->index != index)
            *b = (MeterBucket){.index = index};
        b->bytes = sum(b->bytes, bytes);
    }
}

void meter_skip(Meter *m, int64_t by_ms) {
    m->skipped_ms = m->skipped_ms > INT64_MAX - by_ms ? INT64_MAX : m->skipped_ms + by_ms;
}

bool meter_bytes(const Meter *m, uint64_t lease, int64_t now_ms, int64_t window_ms, uint64_t *ret) {
    if (!m->measured || lease != m->lease || window_ms < 0 || window_ms > PRESENCE_WINDOW_MAX)
        return false;
    int64_t now = own_time(m, now_ms, m->newest_ms);
    if (now - m->began_ms < window_ms)
        return false;
    size_t level = 0;
    while ((PRESENCE_BUCKETS - 1) * width_of(level) < window_ms)
        level++;
    int64_t first = (now - window_ms) / width_of(level), last = now / width_of(level);
    uint64_t bytes = 0;
    for (size_t i = 0; i < PRESENCE_BUCKETS; i++) {
        const MeterBucket *b = &m->bucket[level][i];
        if (b->index >= first && b->index <= last)
            bytes = sum(bytes, b->bytes);
    }
    *ret = bytes;
    return true;
}

/* ---- whole responses ---- */

void meter_whole(Meter *m, uint64_t lease, bool whole, int64_t at_ms) {
    if (whole && lease > m->whole_lease) {
        m->whole_lease = lease;
        m->whole_n = 0;
    }
    if (lease != m->whole_lease)
        return;
    if (whole) {
        if (m->whole_n < LIMIT_UPLOADS)
            m->whole_ms[m->whole_n++] = at_ms;
        return;
    }
    for (size_t i = 0; i < m->whole_n; i++)
        if (m->whole_ms[i] == at_ms) {
            m->whole_ms[i] = m->whole_ms[--m->whole_n];
            return;
        }
}

bool meter_is_whole(const Meter *m, uint64_t lease, int64_t by_ms) {
    if (lease != m->whole_lease)
        return false;
    for (size_t i = 0; i < m->whole_n; i++)
        if (m->whole_ms[i] <= by_ms)
            return true;
    return false;
}
