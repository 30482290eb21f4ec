/* What an experiment's tables look like outside. */
#include "market_world.h"

#include "run/experiment_export.h"

static void export_of(MarketWorld *w, const ExportOptions *o, CvkBuf *ret) {
    CvkSink to = cvk_sink_buf(ret);
    CvkErr err;
    if (!experiment_export(w->e, o, &to, &err))
        fail_msg("%s", err.msg);
}

/* Line number i (from 0) of a text, without its end. */
static const char *line(const CvkBuf *b, unsigned i, char ret[1024]) {
    const char *at = cvk_buf_str(b);
    for (; i > 0; i--) {
        at = strchr(at, '\n');
        assert_non_null(at);
        at++;
    }
    snprintf(ret, 1024, "%.*s", (int)strcspn(at, "\n"), at);
    return ret;
}

static unsigned lines(const CvkBuf *b) {
    unsigned n = 0;
    for (const char *at = cvk_buf_str(b); *at != '\0'; at++)
        n += *at == '\n';
    return n;
}

/* Gives the experiment one more batch, with covariates. */
static void add_batch(MarketWorld *w, const char *name, const char *covariates) {
    char path[512];
    size_t added;
    CvkErr err;
    scratch_path(&w->at, path, name);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fprintf(f, "bytes of %s", name);
    fclose(f);
    BatchSource source = {
        .name = name, .path = path, .verifier = "sha256", .covariates = covariates};
    assert_true(experiment_batches_add(w->e, &source, 1, &added, &err));
    assert_int_equal(added, 1);
}

#define HEADER                                                                                     \
    "request_id,participant,batch,batch_name,seq,issued_ms,first_get_ms,received_ms,observed_ms,"  \
    "proving_time_ms,cost_cents,price_cents,margin_cents,deployment,deployment_type,"              \
    "acceleration,attempts,flags"

static void submissions_have_the_fixed_columns_in_their_order(void **state) {
    MarketWorld *w = *state;
    _cleanup_buf_ CvkBuf out = CVK_BUF(1 << 20);
    char text[1024], expected[1024];
    OpenRequest r;
    char proof[65];
    assert_int_equal(market_ask(w, 1, &r), NEXT_OPEN);
    int64_t issued = market_now_ms;
    assert_int_equal(market_submit(w, 1, r.request, "wrong"), SUBMISSION_INVALID);
    market_pass(w, 5000);
    int64_t fetched = market_now_ms;
    market_proof(w, &r, proof);
    market_pass(w, 2000);
    int64_t received = market_now_ms;
    assert_int_equal(market_submit(w, 1, r.request, proof), SUBMISSION_ACCEPTED);
    market_pass(w, 2000); /* what was served is written */

    export_of(w, &(ExportOptions){.table = EXPORT_SUBMISSIONS}, &out);

    assert_string_equal(line(&out, 0, text), HEADER);
    snprintf(expected, sizeof expected,
             "1,1,1,b1,1,%lld,%lld,%lld,7000,7200000,100000,10100,-89900,2,number,GPU,1,"
             "PRICE_LT_COST|TIME_IMPOSSIBLE",
             (long long)issued, (long long)fetched, (long long)received);
    assert_string_equal(line(&out, 1, text), expected);
    assert_int_equal(lines(&out), 2);
}

static void covariates_stand_behind_as_numbers_where_all_are(void **state) {
    MarketWorld *w = *state;
    _cleanup_buf_ CvkBuf csv = CVK_BUF(1 << 20), json = CVK_BUF(1 << 20);
    char text[1024];
    add_batch(w, "b4", "{\"gas\": 1.50e3, \"fork\": \"=cancun\", \"mixed\": 1}");
    add_batch(w, "b5", "{\"mixed\": \"two\"}");

    export_of(w, &(ExportOptions){.table = EXPORT_BATCHES}, &csv);
    export_of(w, &(ExportOptions){.table = EXPORT_BATCHES, .format = TABLE_JSONL}, &json);

    const char *header = line(&csv, 0, text);
    assert_string_equal(header, "batch,batch_name,block,state,verifier,size,sha256,created_ms,"
                                "batch.gas,batch.fork,batch.mixed");
    assert_non_null(strstr(line(&csv, 1, text), ",,,"));
    assert_non_null(strstr(line(&csv, 4, text), ",1.50e3,'=cancun,1"));
    assert_non_null(
        strstr(line(&json, 3, text),
               "\"batch.gas\":1.50e3,\"batch.fork\":\"=cancun\",\"batch.mixed\":\"1\"}"));
    assert_non_null(strstr(line(&json, 4, text), "\"batch.gas\":null,\"batch.fork\":null,"));
}

/* The text of a line's cell number `at`, from 0. */
static const char *cell(const CvkBuf *b, unsigned of, unsigned at, char ret[32]) {
    char text[1024];
    const char *p = line(b, of, text);
    for (; at > 0; at--)
        p += strcspn(p, ",") + 1;
    snprintf(ret, 32, "%.*s", (int)strcspn(p, ","), p);
    return ret;
}

static void each_of_many_covariates_has_its_column(void **state) {
    enum { BATCHES = 5, EACH = 12, SHARED = 6, FIXED = 8, THERE = 3 };
    MarketWorld *w = *state;
    _cleanup_buf_ CvkBuf out = CVK_BUF(1 << 20);
    char text[32], expected[32];
    for (unsigned b = 0; b < BATCHES; b++) {
        char name[16], covariates[512];
        int n = snprintf(covariates, sizeof covariates, "{");
        for (unsigned i = EACH; i-- > 0;) /* the other way round than their columns */
            n += snprintf(covariates + n, sizeof covariates - (size_t)n, "\"c%u\": %u%s",
                          b * SHARED + i, b * 1000 + i, i > 0 ? ", " : "}");
        snprintf(name, sizeof name, "many-%u", b);
        add_batch(w, name, covariates);
    }

    export_of(w, &(ExportOptions){.table = EXPORT_BATCHES}, &out);

    for (unsigned c = 0; c < EACH + (BATCHES - 1) * SHARED; c++) {
        unsigned which;
        cell(&out, 0, FIXED + c, text);
        assert_int_equal(sscanf(text, "batch.c%u", &which), 1);
        for (unsigned b = 0; b < BATCHES; b++) {
            const bool has = which >= b * SHARED && which < b * SHARED + EACH;
            snprintf(expected, sizeof expected, "%u", b * 1000 + which - b * SHARED);
            assert_string_equal(cell(&out, 1 + THERE + b, FIXED + c, text), has ? expected : "");
        }
    }
}

static void flags_leave_submissions_out(void **state) {
    MarketWorld *w = *state;
    _cleanup_buf_ CvkBuf all = CVK_BUF(1 << 20), few = CVK_BUF(1 << 20), other = CVK_BUF(1 << 20);
    assert_true(market_prove(w, 1));
    assert_true(market_prove(w, 2));

    export_of(w, &(ExportOptions){.table = EXPORT_SUBMISSIONS}, &all);
    export_of(w, &(ExportOptions){.flags_exclude = MARKET_FLAG_PRICE_LT_COST}, &few);
    export_of(w, &(ExportOptions){.flags_exclude = MARKET_FLAG_ZERO_COST}, &other);

    assert_int_equal(lines(&all), 3);
    assert_int_equal(lines(&few), 1);
    assert_int_equal(lines(&other), 3);
}

static void a_panel_has_blanks_where_nothing_was_proved(void **state) {
    MarketWorld *w = *state;
    _cleanup_buf_ CvkBuf out = CVK_BUF(1 << 20);
    char text[1024];
    assert_true(market_prove(w, 1));
    assert_true(market_prove(w, 1));
    assert_true(market_prove(w, 2));

    export_of(w, &(ExportOptions){.table = EXPORT_PANEL}, &out);

    assert_string_equal(line(&out, 0, text), "batch,batch_name,price_cents.1,price_cents.2,"
                                             "cost_cents.1,cost_cents.2,time_ms.1,time_ms.2");
    assert_string_equal(line(&out, 1, text), "1,b1,10100,10100,100000,100000,7200000,7200000");
    assert_string_equal(line(&out, 2, text), "2,b2,10100,,100000,,7200000,");
    assert_string_equal(line(&out, 3, text), "3,b3,,,,,,");
}

static void requests_and_attempts_have_theirs(void **state) {
    MarketWorld *w = *state;
    _cleanup_buf_ CvkBuf requests = CVK_BUF(1 << 20), attempts = CVK_BUF(1 << 20);
    char text[1024];
    OpenRequest r;
    assert_true(market_prove(w, 1));
    assert_int_equal(market_ask(w, 2, &r), NEXT_OPEN);
    assert_int_equal(market_submit(w, 2, r.request, "wrong"), SUBMISSION_INVALID);

    export_of(w, &(ExportOptions){.table = EXPORT_REQUESTS}, &requests);
    export_of(w, &(ExportOptions){.table = EXPORT_ATTEMPTS}, &attempts);

    assert_string_equal(line(&requests, 0, text),
                        "request_id,participant,batch,batch_name,seq,state,issued_ms,closed_ms,"
                        "first_get_ms,last_get_ms,refetches,bytes_served");
    assert_non_null(strstr(line(&requests, 1, text), "1,1,1,b1,1,done,"));
    assert_non_null(strstr(line(&requests, 2, text), "2,2,1,b1,1,open,"));
    assert_string_equal(line(&attempts, 0, text),
                        "attempt_id,request_id,participant,received_ms,verdict,proof_sha256,"
                        "proof_bytes,verify_us,why");
    assert_non_null(strstr(cvk_buf_str(&attempts), ",2,2,"));
    assert_non_null(strstr(cvk_buf_str(&attempts), "malformed"));
}

static void other_tables_have_their_columns(void **state) {
    static const struct {
        ExportTable table;
        const char *header;
    } tables[] = {
        {EXPORT_PARTICIPANTS,
         "participant,group,posted_price_cents,state,created_ms,open,done,expired,skipped"},
        {EXPORT_DEPLOYMENTS,
         "participant,deployment,description,hardware,cents_per_hour,power_w,changed_ms"},
        {EXPORT_EXTRAS, "request_id,participant,key,value"},
        {EXPORT_EVENTS, "seq,ms,type,entry"},
    };
    MarketWorld *w = *state;
    char text[1024];
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        _cleanup_buf_ CvkBuf out = CVK_BUF(1 << 20);

        export_of(w, &(ExportOptions){.table = tables[i].table}, &out);

        assert_string_equal(line(&out, 0, text), tables[i].header);
    }
}

static void events_are_not_told_under_other_names(void **state) {
    MarketWorld *w = *state;
    static const uint8_t key[32] = {1};
    _cleanup_buf_ CvkBuf out = CVK_BUF(1 << 20);
    CvkSink to = cvk_sink_buf(&out);
    CvkErr err;

    assert_false(
        experiment_export(w->e, &(ExportOptions){.table = EXPORT_EVENTS, .key = key}, &to, &err));

    assert_string_equal(err.id, "export.named");
    assert_int_equal(out.n, 0);
}

static void anonymous_names_are_the_same_under_the_same_key_alone(void **state) {
    MarketWorld *w = *state;
    static const uint8_t key[32] = {1}, other[32] = {2};
    _cleanup_buf_ CvkBuf once = CVK_BUF(1 << 20), again = CVK_BUF(1 << 20),
                         otherwise = CVK_BUF(1 << 20), panel = CVK_BUF(1 << 20);
    char text[1024], alias[33];
    assert_true(market_prove(w, 1));
    assert_true(market_prove(w, 2));

    export_of(w, &(ExportOptions){.key = key}, &once);
    export_of(w, &(ExportOptions){.key = key}, &again);
    export_of(w, &(ExportOptions){.key = other}, &otherwise);
    export_of(w, &(ExportOptions){.table = EXPORT_PANEL, .key = key}, &panel);

    assert_string_equal(cvk_buf_str(&once), cvk_buf_str(&again));
    assert_string_not_equal(cvk_buf_str(&once), cvk_buf_str(&otherwise));
    assert_string_equal(line(&once, 0, text), HEADER);
    assert_int_equal(sscanf(line(&once, 1, text), "1,%32[0-9a-f],1,b1,", alias), 1);
    assert_int_equal(strlen(alias), 32);
    assert_null(strstr(text, ",2,number")); /* the deployment */
    assert_non_null(strstr(line(&panel, 0, text), alias));
    char *first = strstr(text, "price_cents."), *second = strstr(first + 1, "price_cents.");
    assert_true(strncmp(first + 12, second + 12, 32) < 0); /* their order tells no number */
}

static void every_table_is_parquet_too(void **state) {
    MarketWorld *w = *state;
    assert_true(market_prove(w, 1));
    for (ExportTable t = 0; t < EXPORT_TABLES_N; t++) {
        _cleanup_buf_ CvkBuf out = CVK_BUF(1 << 20);

        export_of(w, &(ExportOptions){.table = t, .format = TABLE_PARQUET}, &out);

        assert_memory_equal(out.data + out.n - 4, "PAR1", 4);
    }
}

static void a_panel_is_refused_where_a_row_is_of_nobody_or_nothing(void **state) {
    MarketWorld *w = *state;
    static const char *const changes[] = {
        "UPDATE request SET participant = 0 WHERE id = 1",
        "UPDATE request SET participant = 3 WHERE id = 1",
        "UPDATE request SET participant = 1, batch = 0 WHERE id = 1",
        "UPDATE request SET participant = 1, batch = 4 WHERE id = 1",
    };
    assert_true(market_prove(w, 1) && market_prove(w, 2));
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        _cleanup_buf_ CvkBuf out = CVK_BUF(1 << 20);
        CvkSink to = cvk_sink_buf(&out);
        CvkErr err;
        market_change(w, changes[i]);

        assert_false(experiment_export(w->e, &(ExportOptions){.table = EXPORT_PANEL}, &to, &err));

        assert_string_equal(err.id, "market.broken");
    }
}

/* Writes to the database while the export's first bytes go out. */
typedef struct {
    MarketWorld *w;
    const char *sql;
    CvkBuf *out;
} Meddling;

static bool write_and_meddle(void *ctx, const void *data, size_t n, CvkErr *err) {
    Meddling *m = ctx;
    if (m->sql != NULL)
        market_change(m->w, m->sql);
    m->sql = NULL;
    return cvk_buf_add(m->out, data, n, err);
}

static void an_export_is_of_one_moment(void **state) {
    MarketWorld *w = *state;
    _cleanup_buf_ CvkBuf out = CVK_BUF(1 << 20);
    Meddling m = {.w = w, .sql = "DELETE FROM submission WHERE request = 1", .out = &out};
    const CvkSink to = {.write = write_and_meddle, .ctx = &m};
    CvkErr err;
    assert_true(market_prove(w, 1) && market_prove(w, 2));

    if (!experiment_export(w->e, &(ExportOptions){.table = EXPORT_SUBMISSIONS}, &to, &err))
        fail_msg("%s", err.msg);

    assert_null(m.sql); /* it was done, behind the header */
    assert_int_equal(lines(&out), 3);
}

/* As market_setup, but everybody gets the batches in the same order. */
static int setup(void **state) {
    static const char *const settings[] = {"order=sequential", NULL};
    MarketWorld *w = calloc(1, sizeof *w);
    market_open(w, settings);
    market_person(w, "alice");
    market_person(w, "bob");
    market_batches(w, 3);
    *state = w;
    return 0;
}

int main(int argc, char **argv) {
    MARKET_WORKER(argc, argv);
#define TEST_IN_WORLD(fn) cmocka_unit_test_setup_teardown(fn, setup, market_teardown)
    const struct CMUnitTest tests[] = {
        TEST_IN_WORLD(submissions_have_the_fixed_columns_in_their_order),
        TEST_IN_WORLD(covariates_stand_behind_as_numbers_where_all_are),
        TEST_IN_WORLD(each_of_many_covariates_has_its_column),
        TEST_IN_WORLD(flags_leave_submissions_out),
        TEST_IN_WORLD(a_panel_has_blanks_where_nothing_was_proved),
        TEST_IN_WORLD(requests_and_attempts_have_theirs),
        TEST_IN_WORLD(other_tables_have_their_columns),
        TEST_IN_WORLD(events_are_not_told_under_other_names),
        TEST_IN_WORLD(anonymous_names_are_the_same_under_the_same_key_alone),
        TEST_IN_WORLD(every_table_is_parquet_too),
        TEST_IN_WORLD(a_panel_is_refused_where_a_row_is_of_nobody_or_nothing),
        TEST_IN_WORLD(an_export_is_of_one_moment),
    };
    return cmocka_run_group_tests_name("run/experiment_export", tests, NULL, NULL);
}
