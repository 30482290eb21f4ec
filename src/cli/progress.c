#include "cli/progress.h"

#include "base/clock.h"

#include <string.h>
#include <unistd.h>

#define SILENT_MS 2000  /* before anything is drawn */
#define TERMINAL_MS 100 /* between two drawings */
#define PLAIN_MS 10000  /* between two lines */
#define BAR 30

Progress progress_start(const char *label, bool bytes, bool quiet) {
    return (Progress){.label = label,
                      .bytes = bytes,
                      .terminal = isatty(STDERR_FILENO) == 1,
                      .out = quiet ? NULL : stderr,
                      .now_ms = cvk_monotonic_ms};
}

static void put_amount(const Progress *p, size_t done, char *ret, size_t cap) {
    if (p->bytes)
        snprintf(ret, cap, "%.1f MB", (double)done / 1e6);
    else
        snprintf(ret, cap, "%zu", done);
}

static void put_left(int64_t ms, char *ret, size_t cap) {
    long long s = (ms + 999) / 1000;
    if (s < 120)
        snprintf(ret, cap, "%lld s", s);
    else
        snprintf(ret, cap, "%lld min", (s + 59) / 60);
}

void progress_text(const Progress *p, size_t done, size_t total, int64_t elapsed_ms, unsigned width,
                   char *ret, size_t cap) {
    char amount[32], left[32], bar[128];
    put_amount(p, done, amount, sizeof amount);
    if (total == 0) {
        snprintf(ret, cap, "%s %s", p->label, amount);
        return;
    }
    if (done > total)
        done = total;
    if (width > sizeof bar - 1)
        width = sizeof bar - 1;
    double share = (double)done / (double)total;
    size_t full = (size_t)(share * width);
    memset(bar, '#', full);
    memset(bar + full, '.', width - full);
    bar[width] = '\0';
    int percent = (int)(share * 100);
    if (done == 0) {
        snprintf(ret, cap, "%s [%s] %3d %%", p->label, bar, percent);
        return;
    }
    put_left((int64_t)((double)elapsed_ms * (1 - share) / share), left, sizeof left);
    snprintf(ret, cap, "%s [%s] %3d %%, %s left", p->label, bar, percent, left);
}

static void draw(Progress *p, size_t done, size_t total, int64_t now) {
    char line[256];
    progress_text(p, done, total, now - p->started_ms, BAR, line, sizeof line);
    if (p->terminal)
        fprintf(p->out, "\r\033[K  %s", line);
    else
        fprintf(p->out, "  %s\n", line);
    fflush(p->out);
    p->shown = p->terminal;
    p->drawn_ms = now;
}

static void move(void *ctx, size_t done, size_t total) {
    Progress *p = ctx;
    int64_t now = p->now_ms();
    if (p->started_ms == 0)
        p->started_ms = p->drawn_ms = now;
    int64_t pause = p->terminal ? TERMINAL_MS : PLAIN_MS;
    p->done = done;
    if (p->out != NULL && now - p->started_ms >= SILENT_MS && now - p->drawn_ms >= pause)
        draw(p, done, total, now);
}

CvkProgress progress_to(Progress *p) {
    if (p->started_ms == 0)
        p->started_ms = p->drawn_ms = p->now_ms();
    return (CvkProgress){.fn = move, .ctx = p};
}

void progress_end(Progress *p) {
    if (p->shown)
        fprintf(p->out, "\r\033[K");
    p->shown = false;
    p->started_ms = 0;
}
