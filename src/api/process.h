/* What the system says of this process. Threads: any. */
#pragma once

#include <stdint.h>

typedef struct {
    double cpu_s;
    uint64_t resident_bytes, open_fds, max_fds; /* 0: the system does not say */
} ProcessNumbers;

/* Where there is a /proc it lists the open files there: microseconds each. */
void process_numbers(ProcessNumbers *ret);
