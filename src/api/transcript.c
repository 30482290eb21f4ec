/* GET /info/current_state: the transcript, whole (JSON or in gzip, with ETag and ranges) or from
 * some entry on, for those who follow it. */
#include "api/app.h"
#include "api/forms.h"

#include "base/alloc.h"
#include "base/limits.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NUMBER_MAX 10 /* digits: no ceremony has so many contributions */

/* What is asked for. */
typedef struct {
    CeremonyForm form;
    bool part;    /* not just the whole */
    bool counted; /* among those under way */
    uint64_t from;
    bool bare;
} Wanted;

static void refuse_parameter(HttpRequest *r, const char *name) {
    char text[80];
    snprintf(text, sizeof text, "the parameter `%s` is malformed", name);
    http_reply_error(r, 400, "RequestError::BadParameter", text);
}

/* What is malformed or too long becomes "", which is no value of any parameter. */
static void read_parameter(const HttpRequest *r, const char *name, const char *absent, char *ret,
                           size_t cap) {
    if (http_query_get(r, name, ret, cap) == FORM_ABSENT)
        snprintf(ret, cap, "%s", absent);
}

/* ?from=N&powers=yes|no; false: the reply says what is wrong. */
static bool read_query(HttpRequest *r, Wanted *w) {
    char from[NUMBER_MAX + 1], powers[8];
    read_parameter(r, "from", "0", from, sizeof from);
    read_parameter(r, "powers", "yes", powers, sizeof powers);
    bool bare = strcmp(powers, "no") == 0, right = bare || strcmp(powers, "yes") == 0;
    if (!parse_number(from, &w->from) || !right) {
        refuse_parameter(r, right ? "from" : "powers");
        return false;
    }
    w->bare = bare;
    w->part = w->from != 0 || bare;
    return true;
}

static void send_transcript(HttpRequest *r) {
    const Wanted *w = http_data(r);
    Ceremony *c = app_ceremony(r);
    CeremonyFile file;
    CvkErr err;
    if (!(w->part ? ceremony_transcript_part(c, w->from, w->bare, &file, &err)
                  : ceremony_transcript(c, w->form, &file, &err))) {
        reply_failed(r, &err);
        return;
    }
    http_reply_header(r, "Cache-Control", "no-cache"); /* keep it, but ask whether it is still so */
    reply_document(r, &file);
}

/* Each is a file of its own until the last byte has gone, and who reads it may be slow: it must not
 * be by such files that a disk runs full. */
static bool count_part(HttpRequest *r, Wanted *w) {
    App *app = http_app(r);
    w->counted = atomic_fetch_add(&app->parts, 1) < LIMIT_PARTS;
    if (w->counted)
        return true;
    atomic_fetch_sub(&app->parts, 1);
    http_reply_busy(r);
    return false;
}

static void current_state(HttpRequest *r) {
    CvkErr err;
    Wanted *w = cvk_alloc(1, sizeof *w, &err);
    http_set_data(r, w);
    if (w == NULL) {
        reply_failed(r, &err);
        return;
    }
    if (!read_query(r, w) || (w->part && !count_part(r, w)))
        return;
    w->form = wished_form(r, false);
    if (!w->part && ceremony_transcript_ready(app_ceremony(r), w->form))
        send_transcript(r);
    else
        http_job(r, LANE_LONG, send_transcript);
}

static void forget(HttpRequest *r, bool sent) {
    (void)sent;
    App *app = http_app(r);
    Wanted *w = http_data(r);
    if (w != NULL && w->counted)
        atomic_fetch_sub(&app->parts, 1);
    free(w);
}

const HttpHandler on_current_state = {.on_end = current_state, .on_done = forget};
