#include "market_world.h"

#include "base/hex.h"
#include "base/sha256.h"

#include <sqlite3.h>

_Atomic int64_t market_now_ms = 1700000000000;

static int64_t now(void) {
    return market_now_ms;
}

static const ClockSources clock_by_hand = {.wall_ms = now, .mono_ms = now};

void market_pass(MarketWorld *w, int64_t ms) {
    for (; ms > 0; ms -= 1000) {
        market_now_ms += ms < 1000 ? ms : 1000;
        node_tick(w->node);
    }
}

static void start(MarketWorld *w) {
    NodeOptions options = {.serving = true, .by_hand = true, .threads = 1, .clock = clock_by_hand};
    CvkErr err;
    if (!node_open(w->dir, options, &w->node, &err))
        fail_msg("%s", err.msg);
}

void market_open(MarketWorld *w, const char *const *settings) {
    const char *all[16] = {"dev=true", "seed=1"};
    size_t n = 2;
    CvkErr err;
    scratch_make(&w->at);
    snprintf(w->dir, sizeof w->dir, "%s/dir", w->at.dir);
    assert_true(node_init(w->dir, &err));
    start(w);
    for (; settings != NULL && *settings != NULL; settings++)
        all[n++] = *settings;
    if (!node_experiment_new(w->node, "x", all, &err))
        fail_msg("%s", err.msg);
    assert_true(node_experiment(w->node, NULL, &w->e, &err));
}

void market_restart_from(MarketWorld *w) {
    CvkErr err;
    start(w);
    assert_true(node_experiment(w->node, NULL, &w->e, &err));
}

void market_restart(MarketWorld *w) {
    node_close(w->node);
    market_restart_from(w);
}

void market_close(MarketWorld *w) {
    node_close(w->node);
    scratch_remove(&w->at);
}

uint32_t market_person(MarketWorld *w, const char *id) {
    uint32_t ret = 0;
    CvkErr err;
    if (!experiment_participant_add(w->e, id, NULL, NULL, w->id, &ret, &err))
        fail_msg("%s", err.msg);
    return ret;
}

void market_batches(MarketWorld *w, size_t n) {
    BatchSource source[64];
    char names[64][32], paths[64][512];
    MarketCounts counts;
    size_t added;
    CvkErr err;
    assert_true(n <= 64);
    experiment_counts(w->e, &counts);
    for (size_t i = 0; i < n; i++) {
        snprintf(names[i], sizeof names[i], "b%zu", counts.batches + i + 1);
        scratch_path(&w->at, paths[i], names[i]);
        FILE *f = fopen(paths[i], "w");
        assert_non_null(f);
        fprintf(f, "the bytes of batch %s", names[i]);
        fclose(f);
        source[i] = (BatchSource){.name = names[i], .path = paths[i], .verifier = "sha256"};
    }
    if (!experiment_batches_add(w->e, source, n, &added, &err))
        fail_msg("%s", err.msg);
    assert_int_equal(added, n);
}

MarketNext market_ask(MarketWorld *w, uint32_t participant, OpenRequest *ret) {
    MarketNext next;
    CvkErr err;
    if (!experiment_get_batch(w->e, participant, &next, ret, &err))
        fail_msg("%s", err.msg);
    return next;
}

Submission market_submission(MarketWorld *w, uint64_t request, const char *proof) {
    Submission s = {.request = request,
                    .proof_n = strlen(proof),
                    .received_ms = market_now_ms,
                    .proving_ms = 7200000,
                    .cost = INT64_C(100000) * 1000000,
                    .price = INT64_C(10100) * 1000000,
                    .cost_text = "100000",
                    .price_text = "10100",
                    .deployment = "2",
                    .acceleration = "GPU"};
    char body[128];
    CvkErr err;
    snprintf(body, sizeof body, "%llu %s", (unsigned long long)request, proof);
    cvk_sha256(body, strlen(body), s.body_sha256);
    s.proof = experiment_proof_new(w->e, 1 << 20, &err);
    assert_non_null(s.proof);
    assert_true(blob_write(s.proof, proof, strlen(proof), &err));
    return s;
}

void market_proof(MarketWorld *w, const OpenRequest *r, char ret[65]) {
    BatchFile f;
    char bytes[256];
    uint8_t hash[32];
    CvkErr err;
    assert_true(experiment_file(w->e, r->path + strlen("static/"), &f, &err));
    ssize_t n = read(f.fd, bytes, sizeof bytes);
    assert_true(n > 0);
    close(f.fd);
    experiment_file_sent(w->e, r->request, 0, (uint64_t)n, f.size);
    cvk_sha256(bytes, (size_t)n, hash);
    cvk_hex_encode(hash, sizeof hash, ret);
}

SubmissionResult market_submit(MarketWorld *w, uint32_t participant, uint64_t request,
                               const char *proof) {
    Submission s = market_submission(w, request, proof);
    SubmissionResult result;
    unsigned retry_s;
    CvkErr err;
    if (!experiment_submit(w->e, participant, &s, &result, &retry_s, &err))
        fail_msg("%s", err.msg);
    blob_writer_free(s.proof);
    return result;
}

SubmissionResult market_failure(MarketWorld *w, uint32_t participant, uint64_t request) {
    SubmissionResult result;
    unsigned retry_s;
    CvkErr err;
    if (!experiment_declare_failure(w->e, participant, request, "out of memory", &result, &retry_s,
                                    &err))
        fail_msg("%s", err.msg);
    assert_int_equal(retry_s != 0, result == SUBMISSION_BUSY);
    return result;
}

bool market_prove(MarketWorld *w, uint32_t participant) {
    OpenRequest r;
    char proof[65];
    if (market_ask(w, participant, &r) != NEXT_OPEN)
        return false;
    market_proof(w, &r, proof);
    assert_int_equal(market_submit(w, participant, r.request, proof), SUBMISSION_ACCEPTED);
    return true;
}

void market_change(const MarketWorld *w, const char *sql) {
    char path[512];
    sqlite3 *db;
    snprintf(path, sizeof path, "%s/convoke.db", w->dir);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(db));
    if (sqlite3_changes(db) == 0)
        fail_msg("%s: changes nothing", sql);
    sqlite3_close(db);
}

int market_setup(void **state) {
    MarketWorld *w = calloc(1, sizeof *w);
    market_open(w, NULL);
    assert_int_equal(market_person(w, "alice"), 1);
    assert_int_equal(market_person(w, "bob"), 2);
    market_batches(w, 3);
    *state = w;
    return 0;
}

int market_teardown(void **state) {
    market_close(*state);
    free(*state);
    return 0;
}
