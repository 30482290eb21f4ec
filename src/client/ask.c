#include "client/ask.h"

#include "client/retry.h"

#include <stdarg.h>
#include <unistd.h>

void client_say(const ClientWorld *w, const char *fmt, ...) {
    char line[512];
    va_list args;
    va_start(args, fmt);
    vsnprintf(line, sizeof line, fmt, args);
    va_end(args);
    w->say(w->ctx, line);
}

static RetryPolicy policy_of(const Asker *a) {
    RetryPolicy p = a->answered ? RETRY_NETWORK : RETRY_FIRST_CONTACT;
    if (a->patience_ms > 0)
        p.give_up_ms = a->patience_ms;
    return p;
}

static bool empty_file(FILE *file, off_t start, CvkErr *err) {
    if (fseeko(file, start, SEEK_SET) == 0 && ftruncate(fileno(file), start) == 0)
        return true;
    return cvk_fail_errno(err, "file.write", "cannot start the download again");
}

bool client_ask(Asker *a, const Question *q, WebReply *ret, unsigned *ret_tries, CvkErr *err) {
    const ClientWorld *w = &a->world;
    const WebRequest *rq = q->rq;
    int64_t since = w->now_ms(w->ctx);
    off_t start = rq->file != NULL ? ftello(rq->file) : 0;
    for (unsigned attempt = 1;; attempt++) {
        *ret_tries = attempt;
        bool answered = w->web.perform(w->web.ctx, rq, ret, err);
        if (answered) {
            a->answered = true;
            if (!q->later(q->ctx, ret, err))
                return true;
        } else if (!web_error_is_transient(err)) {
            return cvk_fail_prefix(err, "%s", q->doing);
        }
        const RetryPolicy policy = policy_of(a);
        if (retry_is_over(&policy, since, w->now_ms(w->ctx)))
            return cvk_fail_prefix(err,
                                   a->answered ? "gave up" : "no server answers at that address");
        int64_t wait = retry_delay_ms(&policy, attempt, w->random(w->ctx));
        if (answered)
            wait = retry_after_ms(ret->retry_after_s, wait);
        client_say(w, "%s: %s; trying again in %lld s",
                   answered ? "the server is busy" : "no connection", err->msg,
                   (long long)(wait + 999) / 1000);
        w->sleep_ms(w->ctx, wait);
        if (rq->file != NULL && !rq->resume && !empty_file(rq->file, start, err))
            return false;
    }
}
