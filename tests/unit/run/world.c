#include "run/world.h"

#include "auth/auth.h"
#include "base/file.h"
#include "format/kzg_json.h"
#include "setup/kzg_contribute.h"

#include <sqlite3.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <unistd.h>

static void must(bool ok, const CvkErr *err) {
    if (!ok)
        fail_msg("%s: %s", err->id, err->msg);
}

_Atomic int64_t world_wall_ms = 1700000000000, world_mono_ms = 5000;

static int64_t wall(void) {
    return world_wall_ms;
}

static int64_t mono(void) {
    return world_mono_ms;
}

const ClockSources world_clock = {.wall_ms = wall, .mono_ms = mono};

void world_pass(World *w, int64_t ms) {
    for (int64_t step; ms > 0; ms -= step) {
        step = ms < 1000 ? ms : 1000;
        world_wall_ms += step;
        world_mono_ms += step;
        node_tick(w->node);
    }
}

/* ---- a kind that can fail ---- */

static atomic_bool cannot_judge;

static bool judge(void *self, void *response, const char *identity,
                  bool (*seen)(void *ctx, const void *key, size_t n), void *seen_ctx, CvkPool *pool,
                  Submit *ret, KindResult *ret_result, CvkErr *err) {
    if (cannot_judge)
        return cvk_fail(err, CVK_EINTERNAL, "memory.short", "out of memory");
    return KIND_KZG.judge(self, response, identity, seen, seen_ctx, pool, ret, ret_result, err);
}

static const Kind *find_kind(const char *name) {
    static Kind kind;
    kind = KIND_KZG;
    kind.judge = judge;
    return strcmp(name, kind.name) == 0 ? &kind : NULL;
}

void world_start(World *w) {
    CvkErr err;
    NodeOptions options = {.serving = true,
                           .by_hand = true,
                           .threads = 2,
                           .clock = world_clock,
                           .find_kind = find_kind};
    must(node_open(w->at.dir, options, &w->node, &err), &err);
}

void world_open(World *w, const char *const *settings) {
    CvkErr err;
    scratch_make(&w->at);
    must(node_init(w->at.dir, &err), &err);
    world_start(w);
    must(node_ceremony_new(w->node, "small", "kzg", WORLD_SIZES, settings, &err), &err);
    must(node_ceremony(w->node, NULL, &w->c, &err), &err);
}

void world_restart(World *w) {
    CvkErr err;
    node_close(w->node);
    world_start(w);
    must(node_ceremony(w->node, NULL, &w->c, &err), &err);
}

void world_close(World *w) {
    node_close(w->node);
    scratch_remove(&w->at);
}

Session world_sign_in(World *w, const char *identity) {
    char invitation[AUTH_INVITATION_TEXT], who[LIMIT_IDENTITY + 1], state[AUTH_STATE_MAX];
    char redirect[LIMIT_REDIRECT + 1];
    SignedIn signed_in;
    SignInResult result;
    Session s;
    CvkErr err;
    must(node_invite(w->node, identity, invitation, who, &err), &err);
    must(node_login_state(w->node, "", state, &err), &err);
    must(node_sign_in(w->node, w->c,
                      &(SignInProof){.server = "127.0.0.1", .state = state, .code = invitation},
                      redirect, &signed_in, &result, &err),
         &err);
    assert_int_equal(result, SIGN_IN_OK);
    assert_true(ceremony_session(w->c, signed_in.session_id, &s));
    return s;
}

static char *read_all(CeremonyFile *f, size_t *ret_n) {
    char *bytes = malloc(f->size);
    assert_non_null(bytes);
    assert_int_equal(read(f->fd, bytes, f->size), f->size);
    close(f->fd);
    *ret_n = f->size;
    return bytes;
}

char *world_check_in(World *w, const Session *s, Refusal *ret_refusal, size_t *ret_n) {
    CeremonyFile file = {.fd = -1};
    uint64_t lease;
    CvkErr err;
    must(ceremony_check_in(w->c, s, ret_refusal, &lease, &file, &err), &err);
    return file.fd >= 0 ? read_all(&file, ret_n) : NULL;
}

char *world_respond(const char *challenge, size_t n, uint8_t seed, const char *identity,
                    size_t *ret_n) {
    CvkErr err;
    KzgWire *base, *response;
    KzgPowers *powers[LIMIT_KZG_SUBS];
    KzgSizes sizes;
    uint8_t be[LIMIT_KZG_SUBS][32] = {{0}};
    JsonMemory memory = {.data = challenge, .n = n};
    must(kzg_contribution_read(json_from_memory(&memory), n, &base, &err), &err);
    must(kzg_sizes_parse(WORLD_SIZES, &sizes, &err), &err);
    for (size_t i = 0; i < base->n; i++) {
        KzgReport report;
        must(kzg_powers_check(&base->subs[i].powers, sizes.at[i], (uint8_t[32]){1}, NULL,
                              &powers[i], &report, &err),
             &err);
        assert_int_equal(report.verdict, KZG_VALID);
        be[i][31] = (uint8_t)(10 + i);
        be[i][30] = seed;
    }
    KzgSecrets *secrets = kzg_secrets_from_be((const uint8_t(*)[32])be, base->n, &err);
    must(secrets != NULL, &err);
    must(kzg_contribute(powers, base->n, secrets, identity, NULL, NULL, (CvkProgress){0}, &response,
                        &err),
         &err);
    CvkBuf b = CVK_BUF(1 << 20);
    must(kzg_contribution_write(json_to_buf(&b), response, 0, KZG_JSON_SIGNATURES, &err), &err);
    kzg_secrets_free(secrets);
    for (size_t i = 0; i < base->n; i++)
        kzg_powers_free(powers[i]);
    kzg_wire_free(base);
    kzg_wire_free(response);
    *ret_n = b.n;
    return cvk_buf_take(&b);
}

Submit world_upload(World *w, const Session *s, const char *bytes, size_t n) {
    Upload *u;
    Submit submit;
    CvkErr err;
    if (!upload_begin(w->c, s, 0, &u, &err)) {
        assert_string_equal(err.id, "turn.not_yours");
        return (Submit){.result = SUBMIT_NOT_YOURS};
    }
    must(upload_write(u, bytes, n, &err), &err);
    must(upload_finish(u, &submit, &err), &err);
    upload_free(u);
    return submit;
}

void world_upload_unjudged(World *w, const Session *s, const char *bytes, size_t n) {
    Upload *u;
    Submit submit;
    CvkErr err;
    must(upload_begin(w->c, s, 0, &u, &err), &err);
    must(upload_write(u, bytes, n, &err), &err);
    cannot_judge = true;
    assert_false(upload_finish(u, &submit, &err));
    cannot_judge = false;
    assert_string_equal(err.id, "memory.short");
    upload_free(u);
}

void world_contribute(World *w, const char *identity, uint8_t seed) {
    Session s = world_sign_in(w, identity);
    Refusal refusal;
    size_t n, response_n;
    char *challenge = world_check_in(w, &s, &refusal, &n);
    assert_int_equal(refusal, REFUSAL_NONE);
    char *response = world_respond(challenge, n, seed, identity, &response_n);
    Submit submit = world_upload(w, &s, response, response_n);
    assert_int_equal(submit.result, SUBMIT_ACCEPTED);
    submit_done(&submit);
    free(challenge);
    free(response);
}

Refusal world_ask(World *w, const Session *s) {
    Refusal refusal;
    size_t n;
    free(world_check_in(w, s, &refusal, &n));
    return refusal;
}

void world_take_slot(World *w, const Session *s) {
    assert_int_equal(world_ask(w, s), REFUSAL_NONE);
}

CeremonyStatus world_status(World *w) {
    CeremonyStatus status;
    ceremony_status(w->c, &status);
    return status;
}

void world_break_journal(World *w) {
    char path[LIMIT_PATH];
    sqlite3 *db;
    assert_true(cvk_path(path, w->at.dir, "convoke.db", NULL));
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db,
                                  "INSERT INTO journal SELECT ceremony, max(seq) + 1, '{}', "
                                  "zeroblob(32) FROM journal",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    sqlite3_close(db);
}

const char *const world_prompt[] = {"checkin_every_s=0", "checkin_tolerance_s=0", NULL};

int world_setup(void **state) {
    World *w = malloc(sizeof *w);
    world_open(w, world_prompt);
    *state = w;
    return 0;
}

int world_teardown(void **state) {
    world_close(*state);
    free(*state);
    return 0;
}

uint64_t world_contributions(World *w) {
    return world_status(w).view.contributions;
}
