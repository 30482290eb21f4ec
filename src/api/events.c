/* GET /events: the public journal as server-sent events, from any entry on, for as long as one
 * listens. A stream holds the number of the entry that comes next and nothing else: lines come from
 * the feed, and for who is further behind from the store, a page at a time, read by the gate's
 * thread. */
#include "api/app.h"
#include "api/stream_gate.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EVENT_MAX (JOURNAL_LINE_MAX + 80)

typedef struct {
    Stream stream; /* first: a Stream * of ours is one of these */
    Ceremony *ceremony;
    uint64_t next;  /* the entry that is pulled next ... */
    size_t next_at; /* ... of whose event so many bytes have been pulled */
    CvkBuf page;    /* older lines, the next one first; empty: the feed has them */
    size_t page_at;
    bool behind; /* the next is older than the feed: a page is wanted */
    bool broken; /* that cannot be read: the stream ends */
} JournalStream;

/* ---- what comes next; held: the stream's lock ---- */

/* False: nothing does, for now. The line is without its newline. */
static bool next_line(JournalStream *j, char ret[JOURNAL_LINE_MAX], size_t *ret_n) {
    if (j->page_at < j->page.n) {
        const char *line = j->page.data + j->page_at;
        *ret_n = strcspn(line, "\n");
        memcpy(ret, line, *ret_n);
        return true;
    }
    FeedResult found = feed_line(ceremony_feed(j->ceremony), j->next, ret, ret_n);
    if (found == FEED_LINE)
        (*ret_n)--;
    j->behind = found == FEED_OLDER;
    return found == FEED_LINE;
}

static void go_on(JournalStream *j, size_t line_n) {
    j->next++;
    j->next_at = 0;
    if (j->page_at < j->page.n)
        j->page_at += line_n + 1;
    if (j->page_at >= j->page.n)
        cvk_buf_done(&j->page);
}

/* One event's bytes, or the rest of them, as far as they fit; 0: there is no further one. */
static size_t pull_event(JournalStream *j, char *buf, size_t cap) {
    char line[JOURNAL_LINE_MAX], event[EVENT_MAX];
    size_t line_n;
    if (!next_line(j, line, &line_n))
        return 0;
    size_t n =
        (size_t)snprintf(event, sizeof event, "id: %" PRIu64 "\nevent: journal\ndata: %.*s\n\n",
                         j->next, (int)line_n, line);
    size_t left = n - j->next_at, taken = left < cap ? left : cap;
    memcpy(buf, event + j->next_at, taken);
    j->next_at += taken;
    if (taken == left)
        go_on(j, line_n);
    return taken;
}

static size_t pull_events(JournalStream *j, char *buf, size_t cap) {
    size_t n = 0, more = 1;
    while (n < cap && more != 0) {
        more = pull_event(j, buf + n, cap - n);
        n += more;
    }
    if (n != 0)
        j->stream.said_ms = cvk_monotonic_ms();
    return n;
}

/* ---- the gate's looks, and the server's pulls ---- */

/* Reads the page that begins with entry `from`, at which the stream waits. */
static void turn_page(JournalStream *j, uint64_t from) {
    CvkBuf page = CVK_BUF(LIMIT_FEED_PAGE);
    uint64_t next;
    CvkErr err;
    bool ok = ceremony_journal_lines(j->ceremony, from, &page, &next, &err);
    if (!ok)
        cvk_log_err(LOG_ERROR, "events.journal", &err);
    pthread_mutex_lock(&j->stream.lock);
    j->broken = !ok || next == from;
    j->behind = false;
    j->page = page;
    j->page_at = 0;
    pthread_mutex_unlock(&j->stream.lock);
}

static bool look(Stream *s, const StreamRound *round) {
    JournalStream *j = (JournalStream *)s;
    pthread_mutex_lock(&s->lock);
    bool behind = j->behind, silent = stream_is_silent(s, round->mono_ms);
    uint64_t next = j->next;
    pthread_mutex_unlock(&s->lock);
    if (behind)
        turn_page(j, next);
    return behind || silent || next <= round->newest;
}

/* The preface first; a heartbeat only between two events. Held: the stream's lock. */
static size_t pull_next(JournalStream *j, char *buf, size_t cap) {
    bool preface = j->stream.text_at < j->stream.text_n;
    size_t n = preface ? 0 : pull_events(j, buf, cap);
    return n == 0 && j->next_at == 0 ? stream_pull_text(&j->stream, buf, cap) : n;
}

static ptrdiff_t pull(HttpRequest *r, char *buf, size_t cap) {
    JournalStream *j = http_data(r);
    pthread_mutex_lock(&j->stream.lock);
    size_t n = pull_next(j, buf, cap);
    bool behind = j->behind, broken = j->broken;
    pthread_mutex_unlock(&j->stream.lock);
    if (n == 0 && behind)
        stream_gate_hurry(&j->stream);
    return n == 0 && broken ? HTTP_STREAM_END : (ptrdiff_t)n;
}

static void begun(HttpRequest *r) {
    JournalStream *j = http_data(r);
    stream_gate_begin(&j->stream);
}

/* ---- GET /events ---- */

/* From which entry on: behind the last that the client has, or as it asked, or from the next one
 * on. False: it cannot be understood. */
static bool where_from(const HttpRequest *r, uint64_t newest, uint64_t *ret) {
    char text[32];
    const char *last = http_header(r, "Last-Event-ID");
    if (last != NULL && last[0] != '\0') {
        if (!parse_number(last, ret))
            return false;
        ++*ret;
        return true;
    }
    switch (http_query_get(r, "from", text, sizeof text)) {
    case FORM_FOUND:
        return parse_number(text, ret) && *ret != 0;
    case FORM_ABSENT:
        *ret = newest + 1;
        return true;
    case FORM_MALFORMED:
    case FORM_TOO_LONG:
        break;
    }
    return false;
}

void reply_too_many_streams(HttpRequest *r) {
    http_reply_header(r, "Retry-After", "30");
    http_reply_error(r, 503, "EventsError::TooManyStreams",
                     "too many follow this ceremony just now: try again later");
}

static void start_stream(HttpRequest *r, uint64_t from) {
    const App *app = http_app(r);
    CvkErr err;
    JournalStream *j = cvk_alloc(1, sizeof *j, &err);
    http_set_data(r, j);
    if (j == NULL) {
        reply_failed(r, &err);
    } else if (!stream_gate_enter(app->streams, &j->stream, r, look)) {
        reply_too_many_streams(r);
    } else {
        j->ceremony = app->ceremony;
        j->next = from;
        /* the id, so that who is cut off before the first event resumes from here */
        j->stream.text_n = (size_t)snprintf(j->stream.text, sizeof j->stream.text,
                                            STREAM_RETRY "id: %" PRIu64 "\n\n", from - 1);
        http_reply_header(r, "X-Accel-Buffering", "no");
        http_stream(r, STREAM_TYPE, begun, pull);
    }
}

static void events(HttpRequest *r) {
    const App *app = http_app(r);
    uint64_t from, newest = feed_newest(ceremony_feed(app->ceremony));
    if (!where_from(r, newest, &from))
        http_reply_error(r, 400, "EventsError::BadPosition",
                         "from and Last-Event-ID are numbers of journal entries");
    else if (from > newest + 1)
        http_reply_error(r, 400, "EventsError::NotThere", "this journal has no such entry yet");
    else
        start_stream(r, from);
}

static void end_events(HttpRequest *r, bool sent) {
    (void)sent;
    JournalStream *j = http_data(r);
    if (j == NULL)
        return;
    stream_gate_leave(&j->stream);
    cvk_buf_done(&j->page);
    free(j);
}

const HttpHandler on_events = {.on_end = events, .on_done = end_events};
