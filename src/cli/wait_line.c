#include "cli/wait_line.h"

#include "base/clock.h"

#include <unistd.h>

#define PLAIN_MS 300000 /* between two lines */

WaitLine wait_line_start(void) {
    return (WaitLine){
        .terminal = isatty(STDERR_FILENO) == 1, .out = stderr, .now_ms = cvk_monotonic_ms};
}

void wait_line_show(WaitLine *w, const char *text) {
    if (w->terminal) {
        fprintf(w->out, "\r\033[K  %s", text);
        fflush(w->out);
        w->shown = true;
        return;
    }
    int64_t now_ms = w->now_ms();
    if (w->told && now_ms - w->told_ms < PLAIN_MS)
        return;
    fprintf(w->out, "  %s\n", text);
    fflush(w->out);
    w->told = true;
    w->told_ms = now_ms;
}

void wait_line_clear(WaitLine *w) {
    if (w->shown) {
        fprintf(w->out, "\r\033[K");
        fflush(w->out);
    }
    w->shown = false;
}
