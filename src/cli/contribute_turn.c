#include "base/clock.h"
#include "cli/contribute.h"
#include "cli/progress.h"
#include "cli/say.h"
#include "cli/world.h"
#include "format/kzg_json.h"
#include "setup/kzg_identity.h"

#include <stdio.h>
#include <string.h>

static void say_beside(void *ctx, const char *line) {
    Participant *p = ctx;
    wait_line_clear(&p->wait_line);
    say_step("  %s", line);
}

static void show_wait(void *ctx, const char *line) {
    Participant *p = ctx;
    wait_line_show(&p->wait_line, line);
}

bool participant_connect(Participant *p, bool allow_http, const char *session, CvkErr *err) {
    if (!web_url_check(p->url, allow_http, err))
        return false;
    p->web = web_client_new(allow_http, err);
    if (p->web == NULL)
        return false;
    p->wait_line = wait_line_start();
    ClientWorld world = world_real(p->web); /* which needs no ctx */
    world.ctx = p;
    world.say = say_beside;
    world.waits = show_wait;
    p->client = kzg_client_new(p->url, &world, err);
    return p->client != NULL &&
           (session == NULL || kzg_client_use_session(p->client, session, err));
}

/* ---- the transcript ---- */

static bool read_transcript(Participant *p, FILE *f, CvkErr *err) {
    KzgTranscriptWire *t;
    rewind(f);
    if (!kzg_transcript_read(json_from_file(f), LIMIT_TRANSCRIPT, &t, err))
        return cvk_fail_prefix(err, "the transcript is malformed");
    kzg_transcript_wire_free(p->transcript);
    p->transcript = t;
    return true;
}

bool participant_fetch_transcript(Participant *p, CvkErr *err) {
    FILE *f = tmpfile();
    if (f == NULL)
        return cvk_fail_errno(err, "file.open", "cannot make a temporary file");
    Progress bar = progress_start("fetching the transcript", true, false);
    bool ok = kzg_client_transcript(p->client, f, progress_to(&bar), err);
    progress_end(&bar);
    ok = ok && read_transcript(p, f, err);
    fclose(f);
    return ok;
}

/* Entry 0 is the initial state. */
static size_t contributions_of(const KzgTranscriptWire *t) {
    return t->n_ids > 0 ? t->n_ids - 1 : 0;
}

bool participant_learn_sizes(Participant *p, CvkErr *err) {
    char text[KZG_SIZES_TEXT], subs[48], count[48];
    if (p->sizes.n != 0)
        return true;
    if (!participant_fetch_transcript(p, err))
        return false;
    KzgSizes sizes = {.n = p->transcript->n};
    if (sizes.n > LIMIT_KZG_SUBS)
        return cvk_fail(err, CVK_ELIMIT, "kzg.sizes", "the ceremony has too many sub-ceremonies");
    for (size_t i = 0; i < sizes.n; i++) {
        sizes.at[i].n_g1 = (uint32_t)p->transcript->subs[i].powers.n_g1;
        sizes.at[i].n_g2 = (uint32_t)p->transcript->subs[i].powers.n_g2;
    }
    kzg_sizes_format(&sizes, text);
    if (!kzg_sizes_parse(text, &p->sizes, err)) /* are they sizes of a ceremony? */
        return cvk_fail_prefix(err, "the server's transcript");
    say_step("the ceremony has %s (%s) and %s so far",
             say_count(sizes.n, "size", subs, sizeof subs), text,
             say_count(contributions_of(p->transcript), "contribution", count, sizeof count));
    return true;
}

/* Whom the server takes us for is what our secrets sign, so it must be such a name. */
static bool take_over(Participant *p, const char *identity, CvkErr *err) {
    if (!kzg_identity_is_valid(identity))
        return cvk_fail(err, CVK_EBACKEND, "server.strange",
                        "the server takes you for somebody with no identity that a transcript can "
                        "hold: not signing for that");
    say_step("signed in as %s", identity);
    if (strcmp(identity, p->identity) == 0)
        return true;
    if (p->identity_given)
        return cvk_fail(err, CVK_ECONFLICT, "identity.other",
                        "the server takes you for %.60s, not for %.60s: leave --identity out if "
                        "that is right",
                        identity, p->identity);
    snprintf(p->identity, sizeof p->identity, "%s", identity);
    say_step("  (its operators name you so: your signatures are made for that)");
    return p->secrets == NULL || participant_sign(p, err);
}

static bool sign_in_by_key(Participant *p, CvkErr *err) {
    char identity[LIMIT_IDENTITY + 1];
    bool ok = p->key_of_wallet ? kzg_client_sign_in_wallet(p->client, p->key, identity, err)
                               : kzg_client_sign_in(p->client, p->key, identity, err);
    return ok && take_over(p, identity, err);
}

bool participant_sign_in(Participant *p, CvkErr *err) {
    if (kzg_client_session(p->client)[0] == '\0')
        return sign_in_by_key(p, err);
    say_step("using the session that you gave");
    return true;
}

/* ---- the turn ---- */

/* A session that is lost so soon after sign-in will not hold the next time either. */
#define SESSION_LEAST_MS 60000

bool participant_wait_turn(Participant *p, CvkErr *err) {
    int64_t signed_in = 0; /* anew, while waiting: that may take days, and sessions end */
    say_step("asking for the turn");
    for (;;) {
        Progress bar = progress_start("fetching the challenge", true, false);
        bool ok = kzg_client_wait_turn(p->client, false, progress_to(&bar), &p->base, err);
        progress_end(&bar);
        wait_line_clear(&p->wait_line);
        if (ok) {
            p->form = kzg_form_of(p->base.data, p->base.n);
            say_step("it is your turn: %.1f MB fetched", (double)p->base.n / 1e6);
            return true;
        }
        bool soon = signed_in != 0 && cvk_monotonic_ms() - signed_in < SESSION_LEAST_MS;
        if (soon || p->key == NULL || strcmp(err->id, "session.unknown") != 0)
            return false;
        say_step("the server does not know the session any more: signing in again");
        if (!sign_in_by_key(p, err))
            return false;
        signed_in = cvk_monotonic_ms();
    }
}

static bool ends_with_base(const Participant *p) {
    const KzgTranscriptWire *t = p->transcript;
    if (t == NULL || t->n != p->challenge->n)
        return false;
    for (size_t i = 0; i < t->n; i++) {
        const KzgPowersWire *base = &p->challenge->subs[i].powers;
        const KzgWitnessWire *w = &t->subs[i].witness;
        if (w->n_products == 0 || base->n_g1 < 2 ||
            memcmp(w->products[w->n_products - 1], base->g1[1], KZG_G1_BYTES) != 0)
            return false;
    }
    return true;
}

bool participant_compare_base(Participant *p, CvkErr *err) {
    char count[48];
    if (!ends_with_base(p) && !participant_fetch_transcript(p, err)) {
        say_step("could not compare with the public transcript: %s", err->msg);
        return true;
    }
    if (!ends_with_base(p))
        return cvk_fail(err, CVK_ECONFLICT, "base.other",
                        "the challenge does not continue the server's own transcript: not "
                        "contributing to it");
    say_step("it continues the public transcript of %s",
             say_count(contributions_of(p->transcript), "contribution", count, sizeof count));
    return true;
}
