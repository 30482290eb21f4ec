#include "client/retry.h"

int64_t retry_delay_ms(const RetryPolicy *p, unsigned attempt, uint32_t random) {
    int64_t d = p->first_ms;
    for (unsigned i = 1; i < attempt && d < p->cap_ms; i++)
        d *= 2;
    if (d > p->cap_ms)
        d = p->cap_ms;
    return d / 2 + (int64_t)((uint64_t)(d - d / 2) * random / UINT32_MAX);
}

bool retry_is_over(const RetryPolicy *p, int64_t since_ms, int64_t now_ms) {
    return now_ms - since_ms >= p->give_up_ms;
}

int64_t retry_after_ms(int64_t retry_after_s, int64_t otherwise_ms) {
    if (retry_after_s < 0)
        return otherwise_ms;
    if (retry_after_s > 3600)
        return 3600000;
    return retry_after_s > 0 ? retry_after_s * 1000 : 1000;
}
