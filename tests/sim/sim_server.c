#include "sim/sim_server.h"

#include "base/alloc.h"
#include "base/file.h"
#include "base/log.h"
#include "base/sha256.h"
#include "engine/event_json.h"
#include "run/alive.h"
#include "run/ceremony_private.h"
#include "run/preset.h"
#include "sim/sim_disk.h"
#include "sim/sim_kind.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define UPLOADS_MAX 64
#define SOME_DAY INT64_C(1700000000000)
#define CEREMONY "simulated"

typedef struct {
    uint64_t number; /* 0: free */
    Upload *upload;
} Slot;

struct SimServer {
    char dir[256];
    char database[LIMIT_PATH];
    uint8_t key[ETH_SECRET_BYTES];
    Auth *auth;
    Ceremony *c; /* NULL: down */
    RunClock *clock;
    Alive alive;
    Store *looks; /* the simulation's own connection */
    Slot slots[UPLOADS_MAX];
    uint64_t n_uploads; /* ever */
};

/* The one there is: a test that failed leaves it behind. */
static SimServer *running;

/* ---- virtual time: wrapped calls and a server's clocks have no place for a context ---- */

static struct { int64_t mono_ms, wall_ms; } sim_time;

int64_t sim_now_ms(void) {
    return sim_time.mono_ms;
}

int64_t sim_wall_ms(void) {
    return sim_time.wall_ms;
}

void sim_time_pass(int64_t ms) {
    assert(ms >= 0);
    sim_time.mono_ms += ms;
    sim_time.wall_ms += ms;
}

void sim_time_jump(int64_t by_ms) {
    sim_time.wall_ms += by_ms;
}

/* ---- chance ---- */

/* The linker's name. NOLINTNEXTLINE(bugprone-reserved-identifier,cert-dcl37-c) */
void __wrap_cvk_random(void *ret, size_t n);

/* What the server draws depends on the seed too. */
void __wrap_cvk_random(void *ret, size_t n) {
    uint8_t *bytes = ret;
    for (size_t i = 0; i < n; i++)
        bytes[i] = (uint8_t)sim_disk_random();
}

/* ---- what a node does for its ceremonies ---- */

static const Kind *find_kind(const char *name) {
    return strcmp(name, KIND_SIM.name) == 0 ? &KIND_SIM : NULL;
}

static RunClock *new_clock(CvkErr *err) {
    return run_clock_new((ClockSources){.wall_ms = sim_wall_ms, .mono_ms = sim_now_ms}, err);
}

static CeremonyHost host_of(SimServer *s, RunClock *clock) {
    return (CeremonyHost){
        .dir = s->dir, .auth = s->auth, .key = s->key, .clock = clock, .find_kind = find_kind};
}

static bool make_dirs(SimServer *s, CvkErr *err) {
    char path[LIMIT_PATH];
    return blob_dirs_make(s->dir, err) && cvk_path(path, s->dir, "cache", err) &&
           cvk_dir_make(path, 0700, err) && cvk_dir_sync(s->dir, err);
}

static bool add_ceremony(SimServer *s, const SimServerOptions *o, CvkErr *err) {
    Definition d;
    Store *store = NULL;
    int64_t id;
    if (!definition_make(CEREMONY, o->preset, "4,3", o->settings, &d, err))
        return false;
    snprintf(d.kind, sizeof d.kind, "%s", KIND_SIM.name);
    _cleanup_free_ char *json = definition_write(&d, err);
    bool ok = json != NULL && store_open(s->database, true, &store, err) &&
              store_ceremony_add(store, CEREMONY, d.kind, json, sim_time.wall_ms, &id, err);
    store_close(store);
    return ok;
}

bool sim_judge_what_waits(SimServer *s, CvkErr *err) {
    return ceremony_recover(s->c, err);
}

/* What only a serving node does: cleans up after a crash, finishes what it cut off. */
static bool serve(SimServer *s, CvkErr *err) {
    char cache[LIMIT_PATH];
    if (!make_dirs(s, err) || !cvk_path(cache, s->dir, "cache", err))
        return false;
    blob_tmp_clear(s->dir);
    cvk_dir_clear(cache);
    int64_t last_ms;
    if (!ceremony_intact(s->c, err) || !alive_open(&s->alive, s->dir, &last_ms, err) ||
        !ceremonies_begin(s->clock, last_ms, &s->c, 1, err))
        return false;
    return sim_judge_what_waits(s, err) || !sim_disk_crashed(); /* else it is tried again later */
}

bool sim_tick(SimServer *s, CvkErr *err) {
    bool ok = ceremonies_tick(s->clock, &s->c, 1, err);
    alive_tell(&s->alive, run_clock_now(s->clock));
    return ok;
}

/* ---- its life ---- */

static bool make_directory(SimServer *s, CvkErr *err) {
    static const char memory[] = "/dev/shm"; /* where there is one, files need no disk */
    const char *base = getenv("TMPDIR");
    if (access(memory, W_OK | X_OK) == 0)
        base = memory;
    snprintf(s->dir, sizeof s->dir, "%s/convoke-sim.XXXXXX", base != NULL ? base : "/tmp");
    if (mkdtemp(s->dir) == NULL)
        return cvk_fail_errno(err, "sim.dir", "cannot make a directory '%s'", s->dir);
    return cvk_path(s->database, s->dir, "convoke.db", err);
}

static bool make_world(SimServer *s, const SimServerOptions *o, CvkErr *err) {
    uint8_t secret[32];
    cvk_log_setup(LOG_ERROR, false); /* who takes part is not news here */
    sim_disk_start(o->seed, s->dir);
    sim_time.mono_ms = 0;
    sim_time.wall_ms = o->wall_ms != 0 ? o->wall_ms : SOME_DAY;
    memset(s->key, 0x11, sizeof s->key);
    memset(secret, 0x22, sizeof secret);
    s->auth = auth_new(secret, err);
    return s->auth != NULL && make_dirs(s, err) && add_ceremony(s, o, err) &&
           sim_server_start(s, err);
}

static void free_running(void) {
    sim_server_free(running);
}

bool sim_server_new(const SimServerOptions *o, SimServer **ret, CvkErr *err) {
    static bool registered;
    if (!registered)
        atexit(free_running);
    registered = true;
    free_running();
    SimServer *s = cvk_alloc(1, sizeof *s, err);
    if (s == NULL)
        return false;
    s->alive.fd = -1;
    if (!make_directory(s, err)) {
        free(s);
        return false;
    }
    running = s;
    if (!make_world(s, o, err)) {
        sim_server_free(s);
        return false;
    }
    *ret = s;
    return true;
}

static void remove_tree(int parent, const char *name) {
    if (unlinkat(parent, name, 0) == 0)
        return;
    int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    DIR *d = fd < 0 ? NULL : fdopendir(fd);
    if (d == NULL)
        return;
    for (const struct dirent *e; (e = readdir(d)) != NULL;)
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
            remove_tree(dirfd(d), e->d_name);
    closedir(d);
    unlinkat(parent, name, AT_REMOVEDIR);
}

SimServer *sim_server_free(SimServer *s) {
    if (s == NULL)
        return NULL;
    sim_server_stop(s);
    sim_disk_stop();
    running = NULL;
    auth_free(s->auth);
    remove_tree(AT_FDCWD, s->dir);
    free(s);
    return NULL;
}

bool sim_server_up(const SimServer *s) {
    return s->c != NULL;
}

Ceremony *sim_server_ceremony(SimServer *s) {
    return s->c;
}

const char *sim_server_database(const SimServer *s) {
    return s->database;
}

void sim_server_stop(SimServer *s) {
    for (size_t i = 0; i < UPLOADS_MAX; i++) {
        upload_free(s->slots[i].upload);
        s->slots[i] = (Slot){0};
    }
    s->looks = store_close(s->looks);
    s->c = ceremony_close(s->c);
    alive_close(&s->alive);
    s->clock = run_clock_free(s->clock);
}

void sim_server_crash(SimServer *s) {
    sim_disk_die();
    sim_server_stop(s);
    sim_disk_crash();
}

void sim_server_kill(SimServer *s) {
    sim_disk_die();
    sim_server_stop(s);
    sim_disk_live_on();
}

static bool open_looks(SimServer *s, CvkErr *err) {
    sim_disk_unseen(true);
    bool ok = store_open(s->database, false, &s->looks, err);
    sim_disk_unseen(false);
    return ok;
}

bool sim_server_start(SimServer *s, CvkErr *err) {
    assert(s->c == NULL);
    s->clock = new_clock(err);
    CeremonyHost host = host_of(s, s->clock);
    if (s->clock != NULL && ceremony_open(&host, s->database, CEREMONY, &s->c, err) &&
        serve(s, err) && open_looks(s, err))
        return true;
    sim_server_stop(s);
    return false;
}

/* ---- steps ---- */

void sim_session(SimServer *s, const char *identity, Session *ret) {
    char id[AUTH_SESSION_TEXT];
    auth_session_id(s->auth, s->c->id, identity, id);
    auth_session_hash(id, ret->hash);
    snprintf(ret->identity, sizeof ret->identity, "%s", identity);
    ret->ended = engine_is_out(s->c->state, identity);
}

static bool read_challenge(const CeremonyFile *f, uint64_t *ret_state, CvkErr *err) {
    char bytes[SIM_RESPONSE_MAX];
    ssize_t n = pread(f->fd, bytes, sizeof bytes, 0);
    return (n >= 0 && (uint64_t)n == f->size && sim_kind_challenge(bytes, (size_t)n, ret_state)) ||
           cvk_fail(err, CVK_EINTERNAL, "sim.challenge", "that is no challenge");
}

bool sim_check_in(SimServer *s, const Session *who, Refusal *ret_refusal, uint64_t *ret_lease,
                  uint64_t *ret_state, CvkErr *err) {
    CeremonyFile file = {.fd = -1};
    if (!ceremony_check_in(s->c, who, ret_refusal, ret_lease, &file, err))
        return false;
    if (file.fd < 0)
        return true;
    bool ok = read_challenge(&file, ret_state, err);
    close(file.fd);
    return ok;
}

void sim_challenge_sent(SimServer *s, uint64_t lease) {
    ceremony_challenge_sent(s->c, lease);
}

bool sim_abort(SimServer *s, const Session *who, Refusal *ret_refusal, CvkErr *err) {
    return ceremony_abort(s->c, who, ret_refusal, err);
}

bool sim_operate(SimServer *s, const Command *command, Refusal *ret_refusal, CvkErr *err) {
    Ceremony *other = NULL;
    Events events;
    RunClock *clock = new_clock(err); /* another process has one of its own */
    CeremonyHost host = host_of(s, clock);
    bool ok = clock != NULL && ceremony_open(&host, s->database, CEREMONY, &other, err) &&
              ceremony_execute(other, command, NULL, &events, ret_refusal, err);
    ceremony_close(other);
    run_clock_free(clock);
    return ok;
}

/* ---- uploads ---- */

static Slot *slot_of(SimServer *s, uint64_t number, CvkErr *err) {
    for (size_t i = 0; i < UPLOADS_MAX; i++)
        if (number != 0 && s->slots[i].number == number)
            return &s->slots[i];
    cvk_fail(err, CVK_ECONFLICT, "sim.gone", "this upload has ended");
    return NULL;
}

bool sim_upload_begin(SimServer *s, const Session *who, uint64_t *ret_upload, CvkErr *err) {
    size_t i = 0;
    while (i < UPLOADS_MAX && s->slots[i].number != 0)
        i++;
    if (i == UPLOADS_MAX)
        return cvk_fail(err, CVK_ELIMIT, "sim.uploads", "too many uploads at once");
    if (!upload_begin(s->c, who, &s->slots[i].upload, err))
        return false;
    s->slots[i].number = *ret_upload = ++s->n_uploads;
    return true;
}

bool sim_upload_write(SimServer *s, uint64_t upload, const void *data, size_t n, CvkErr *err) {
    Slot *slot = slot_of(s, upload, err);
    return slot != NULL && upload_write(slot->upload, data, n, err);
}

bool sim_upload_whole(SimServer *s, uint64_t upload, CvkErr *err) {
    Slot *slot = slot_of(s, upload, err);
    if (slot == NULL)
        return false;
    upload_whole(slot->upload);
    return true;
}

bool sim_upload_store(SimServer *s, uint64_t upload, bool *ret_judge, Submit *ret, CvkErr *err) {
    Slot *slot = slot_of(s, upload, err);
    if (slot == NULL)
        return false;
    if (!upload_store(slot->upload, ret, err))
        return false;
    *ret_judge = ret->result == SUBMIT_STORED;
    return true;
}

bool sim_upload_judge(SimServer *s, uint64_t upload, Submit *ret, CvkErr *err) {
    Slot *slot = slot_of(s, upload, err);
    return slot != NULL && upload_judge(slot->upload, ret, err);
}

void sim_upload_end(SimServer *s, uint64_t upload) {
    CvkErr ignored;
    Slot *slot = slot_of(s, upload, &ignored);
    if (slot == NULL)
        return;
    upload_free(slot->upload);
    *slot = (Slot){0};
}

/* ---- what is on record ---- */

typedef struct {
    bool (*fn)(void *ctx, const SimEntry *e);
    void *ctx;
    bool stopped;
} Look;

static bool show_entry(void *ctx, const StoreEntry *e, CvkErr *err) {
    (void)err;
    Look *l = ctx;
    SimEntry entry = {.seq = e->seq, .json = e->json, .open = e->part};
    l->stopped = !l->fn(l->ctx, &entry);
    return !l->stopped;
}

bool sim_journal_each(SimServer *s, uint64_t from, bool (*fn)(void *ctx, const SimEntry *e),
                      void *ctx, CvkErr *err) {
    Look l = {.fn = fn, .ctx = ctx};
    sim_disk_unseen(true);
    bool ok = store_journal_each(s->looks, s->c->id, from, show_entry, &l, err);
    sim_disk_unseen(false);
    return ok || l.stopped;
}

uint64_t sim_journal_length(SimServer *s) {
    return s->c->seq;
}

void sim_state_hash(SimServer *s, uint8_t ret[32]) {
    engine_state_hash(s->c->state, ret);
}

static bool fold(void *ctx, const StoreEntry *entry, CvkErr *err) {
    EngineState *state = ctx;
    Event e;
    if (!event_read(entry->json, entry->n, &e, err) || !engine_admits(state, &e, err) ||
        !engine_reserve(state, 1, err))
        return false;
    engine_apply(state, &e);
    return true;
}

bool sim_replay_hash(SimServer *s, uint8_t ret[32], CvkErr *err) {
    EngineState *state = engine_state_new(err);
    if (state == NULL)
        return false;
    sim_disk_unseen(true);
    bool ok = store_journal_each(s->looks, s->c->id, 1, fold, state, err);
    sim_disk_unseen(false);
    if (ok)
        engine_state_hash(state, ret);
    engine_state_free(state);
    return ok;
}

bool sim_has_response(SimServer *s, const uint8_t hash[32]) {
    char path[LIMIT_PATH], bytes[SIM_RESPONSE_MAX + 1];
    uint8_t got[32];
    blob_path(s->dir, hash, path, sizeof path);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    ssize_t n = pread(fd, bytes, sizeof bytes, 0);
    close(fd);
    if (n < 0)
        return false;
    cvk_sha256(bytes, (size_t)n, got);
    return memcmp(got, hash, sizeof got) == 0;
}
