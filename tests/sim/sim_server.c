#include "sim/sim_server.h"

#include "base/alloc.h"
#include "base/file.h"
#include "base/log.h"
#include "run/preset.h"
#include "sim/sim_disk.h"
#include "sim/sim_kind.h"
#include "sim/sim_server_private.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SOME_DAY INT64_C(1700000000000)
#define CEREMONY "simulated"

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
    for (size_t i = 0; i < SIM_UPLOADS; i++) {
        upload_free(s->slots[i].upload);
        s->slots[i] = (SimSlot){0};
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
