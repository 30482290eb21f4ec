/* A prover's calls against a scripted server, and what answers mean: no network, no clock. */
#include "base/limits.h"
#include "base/sha256.h"
#include "client/prover.h"
#include "support/test.h"

#include <unistd.h>

#define ID "QpZ9x_secret-1"
static const CvkProgress unseen = {0};

/* ---- what answers mean ---- */

static WebReply reply_of(int status, const char *body, int64_t retry_after_s) {
    WebReply r = {.status = status, .retry_after_s = retry_after_s, .into = CVK_BUF(LIMIT_REPLY)};
    assert_true(cvk_buf_add_str(&r.into, body, NULL));
    return r;
}

static void assert_means_to(const char *id, int status, const char *body, int64_t retry_after_s,
                            ProverAnswerKind kind) {
    WebReply r = reply_of(status, body, retry_after_s);
    ProverAnswer a;

    prover_answer_read(&r, id, &a);

    assert_int_equal(a.kind, kind);
    assert_int_equal(a.status, status);
    cvk_buf_done(&r.into);
}

static void assert_means(int status, const char *body, int64_t retry_after_s,
                         ProverAnswerKind kind) {
    assert_means_to(ID, status, body, retry_after_s, kind);
}

static void the_protocols_answers_are_told_apart(void **state) {
    (void)state;
    assert_means(200, "proof submitted successfully", -1, PROVER_FINE);
    assert_means(422, "participant " ID " does not exist", -1, PROVER_STRANGER);
    assert_means(422, "request 7 does not exist", -1, PROVER_OVER);
    assert_means(422, "invalid proof", -1, PROVER_INVALID);
    assert_means(422, "invalid field cost", -1, PROVER_REFUSED);
    assert_means(400, "malformed JSON", -1, PROVER_REFUSED);
    assert_means(413, "request body too large", -1, PROVER_REFUSED);
    assert_means(429, "no more batches left to prove", -1, PROVER_FINISHED);
    assert_means(500, "verifier error", -1, PROVER_LATER);
    assert_means(503, "busy", 1, PROVER_LATER);
    assert_means(301, "", -1, PROVER_STRANGE);
    assert_means(404, "not found", -1, PROVER_STRANGE);
}

static void a_gateway_that_counts_requests_does_not_end_the_experiment(void **state) {
    (void)state;
    assert_means(429, "too many requests", 30, PROVER_LATER);
    assert_means(429, "<html>Too Many Requests</html>", -1, PROVER_LATER);
}

/* Ids that are in the server's words: they are cut out of what is shown, not of what is judged. */
static const char *const words[] = {"a", "no", "more", "proof", "request", "participant"};
#define WORDS (sizeof words / sizeof *words)

static void an_id_that_is_a_word_of_the_answer_does_not_change_its_meaning(void **state) {
    (void)state;
    for (size_t i = 0; i < WORDS; i++) {
        char stranger[64];
        snprintf(stranger, sizeof stranger, "participant %s does not exist", words[i]);
        assert_means_to(words[i], 422, stranger, -1, PROVER_STRANGER);
        assert_means_to(words[i], 422, "request 7 does not exist", -1, PROVER_OVER);
        assert_means_to(words[i], 422, "invalid proof", -1, PROVER_INVALID);
        assert_means_to(words[i], 429, "no more batches left to prove", -1, PROVER_FINISHED);
        assert_means_to(words[i], 429, "too many requests", -1, PROVER_LATER);
    }
}

static void what_is_told_of_an_answer_has_one_line_and_no_id(void **state) {
    (void)state;
    WebReply r = reply_of(422, "participant " ID " does not exist, " ID "\nsecond line", -1);
    ProverAnswer a;

    prover_answer_read(&r, ID, &a);

    assert_string_equal(a.text, "participant ... does not exist, ...");
    cvk_buf_done(&r.into);
}

static void a_text_without_end_is_cut(void **state) {
    (void)state;
    char body[4000];
    memset(body, 'x', sizeof body - 1);
    body[sizeof body - 1] = '\0';
    WebReply r = reply_of(500, body, -1);
    ProverAnswer a;

    prover_answer_read(&r, "x", &a);

    assert_true(strlen(a.text) < sizeof a.text);
    cvk_buf_done(&r.into);
}

static bool read_task(const char *json, ProverTask *ret) {
    CvkErr err;
    bool ok = prover_task_read(json, strlen(json), ret, &err);
    if (!ok)
        assert_string_equal(err.id, "server.strange");
    return ok;
}

static void a_task_is_read_whatever_stands_beside_it(void **state) {
    (void)state;
    ProverTask t;

    assert_true(
        read_task("{\"batch_file\": \"static/a-_B/c.9\", \"x\": [1, {}], \"request_id\": 2}", &t));

    assert_int_equal(t.request, 2);
    assert_string_equal(t.path, "static/a-_B/c.9");
}

static void a_task_that_would_lead_elsewhere_is_refused(void **state) {
    (void)state;
    static const char *const bad[] = {
        "",
        "[]",
        "{}",
        "{\"request_id\": 2}",
        "{\"batch_file\": \"static/a\"}",
        "{\"batch_file\": \"/static/a\", \"request_id\": 2}",
        "{\"batch_file\": \"static/../a\", \"request_id\": 2}",
        "{\"batch_file\": \"static/a?b\", \"request_id\": 2}",
        "{\"batch_file\": \"static/$(x)\", \"request_id\": 2}",
        "{\"batch_file\": \"\", \"request_id\": 2}",
        "{\"batch_file\": 7, \"request_id\": 2}",
        "{\"batch_file\": \"a\", \"request_id\": -2}",
        "{\"batch_file\": \"a\", \"request_id\": \"2\"}",
        "{\"batch_file\": \"a\", \"request_id\": 9007199254740993}",
        "{\"batch_file\": \"a\", \"request_id\": 2} x",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        ProverTask t = {.request = 99};
        if (read_task(bad[i], &t))
            fail_msg("taken: %s", bad[i]);
        assert_int_equal(t.request, 99);
    }
}

/* ---- calls ---- */

typedef struct {
    int status; /* 0: the connection fails, after `body` went to the file */
    const char *body;
    const char *etag;
} Answer;

typedef struct {
    const Answer *answers;
    size_t n, at;
    char asked[8][128];
    int64_t now_ms;
    char told[512]; /* all that was said */
} Script;

static bool give(const WebRequest *rq, WebReply *ret, const Answer *a, CvkErr *err) {
    if (rq->file != NULL && (a->status == 0 || a->status == 200 || a->status == 206)) {
        if (a->status == 200) {
            rewind(rq->file);
            assert_int_equal(ftruncate(fileno(rq->file), 0), 0);
        } else {
            fseek(rq->file, 0, SEEK_END);
        }
        assert_int_equal(fwrite(a->body, 1, strlen(a->body), rq->file), strlen(a->body));
        return true;
    }
    return cvk_buf_add_str(&ret->into, a->body, err);
}

static bool perform(void *ctx, const WebRequest *rq, WebReply *ret, CvkErr *err) {
    Script *s = ctx;
    assert_true(s->at < s->n);
    const Answer *a = &s->answers[s->at];
    snprintf(s->asked[s->at++], sizeof s->asked[0], "%s %s", rq->method, rq->url);
    cvk_buf_done(&ret->into);
    ret->n_fields = 0;
    assert_true(give(rq, ret, a, err));
    if (a->status == 0)
        return cvk_fail(err, CVK_EBACKEND, "net.lost", "connection reset");
    ret->status = a->status;
    ret->retry_after_s = -1;
    if (a->etag != NULL) {
        snprintf(ret->fields[0].name, WEB_FIELD_MAX, "ETag");
        snprintf(ret->fields[0].value, WEB_FIELD_MAX, "%s", a->etag);
        ret->n_fields = 1;
    }
    return true;
}

static int64_t now_ms(void *ctx) {
    return ((Script *)ctx)->now_ms;
}

static void sleep_ms(void *ctx, int64_t ms) {
    ((Script *)ctx)->now_ms += ms;
}

static uint32_t chance(void *ctx) {
    (void)ctx;
    return 0;
}

static void say(void *ctx, const char *line) {
    Script *s = ctx;
    size_t n = strlen(s->told);
    snprintf(s->told + n, sizeof s->told - n, "%s\n", line);
}

static Prover *prover_named(const char *id, Script *s) {
    ClientWorld world = {.ctx = s,
                         .now_ms = now_ms,
                         .sleep_ms = sleep_ms,
                         .random = chance,
                         .say = say,
                         .web = {.perform = perform, .ctx = s}};
    CvkErr err;
    Prover *p = prover_new("http://127.0.0.1:1/base//", id, &world, 60, &err);
    assert_non_null(p);
    return p;
}

static Prover *prover_of(Script *s) {
    return prover_named(ID, s);
}

static void an_id_of_other_characters_is_refused(void **state) {
    (void)state;
    static const char *const bad[] = {"a b", "a&b", "a/b"};
    ClientWorld world = {.ctx = NULL};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        CvkErr err;
        assert_null(prover_new("http://127.0.0.1:1", bad[i], &world, 60, &err));
        assert_string_equal(err.id, "prover.id");
    }
}

static void an_id_is_64_characters_long_at_most(void **state) {
    (void)state;
    char id[LIMIT_PROVER_ID + 2];
    ClientWorld world = {.ctx = NULL};
    CvkErr err;
    memset(id, 'a', sizeof id - 1);
    id[sizeof id - 1] = '\0';

    Prover *fits = prover_new("http://127.0.0.1:1", id + 1, &world, 60, &err);
    Prover *over = prover_new("http://127.0.0.1:1", id, &world, 60, &err);

    assert_non_null(fits);
    assert_null(over);
    assert_string_equal(err.id, "prover.id");
    prover_free(fits);
}

#define SCRIPT(list) ((Script){.answers = (list), .n = sizeof(list) / sizeof *(list)})
#define TAKEN "proof submitted successfully"
#define SUBMIT "POST http://127.0.0.1:1/base/submit_proof/?participant_id=" ID

static void a_submission_is_repeated_until_there_is_an_answer(void **state) {
    (void)state;
    const Answer answers[] = {{0, "", NULL}, {503, "busy " ID, NULL}, {200, TAKEN, NULL}};
    Script s = SCRIPT(answers);
    Prover *p = prover_of(&s);
    ProverAnswer a;
    CvkErr err;

    assert_true(prover_submit(p, "{}", 2, unseen, &a, &err));

    assert_int_equal(a.kind, PROVER_FINE);
    assert_string_equal(s.asked[2], SUBMIT);
    assert_null(strstr(s.told, ID));
    prover_free(p);
}

static void a_no_is_not_asked_for_twice(void **state) {
    (void)state;
    const Answer answers[] = {{422, "invalid proof", NULL}};
    Script s = SCRIPT(answers);
    Prover *p = prover_of(&s);
    ProverAnswer a;
    CvkErr err;

    assert_true(prover_submit(p, "{}", 2, unseen, &a, &err));

    assert_int_equal(a.kind, PROVER_INVALID);
    assert_int_equal(s.at, 1);
    prover_free(p);
}

static void a_page_of_somebody_on_the_way_is_no_yes(void **state) {
    (void)state;
    const Answer answers[] = {{200, "<html>please sign in</html>", NULL},
                              {200, "failure recorded", NULL},
                              {200, "failure recorded", NULL},
                              {200, TAKEN, NULL}};
    Script s = SCRIPT(answers);
    Prover *p = prover_of(&s);
    ProverAnswer a;
    CvkErr err;

    for (size_t i = 0; i < 2; i++) {
        assert_false(prover_submit(p, "{}", 2, unseen, &a, &err));
        assert_string_equal(err.id, "server.strange");
    }
    assert_true(prover_declare_failure(p, "{}", 2, &a, &err));
    assert_false(prover_declare_failure(p, "{}", 2, &a, &err));
    assert_string_equal(err.id, "server.strange");
    prover_free(p);
}

static void a_yes_with_a_word_in_it_that_is_the_id_is_a_yes(void **state) {
    (void)state;
    const Answer answers[] = {{200, TAKEN, NULL}, {200, "failure recorded", NULL}};
    for (size_t i = 0; i < WORDS; i++) {
        Script s = SCRIPT(answers);
        Prover *p = prover_named(words[i], &s);
        ProverAnswer a;
        CvkErr err;

        assert_true(prover_submit(p, "{}", 2, unseen, &a, &err));
        assert_true(prover_declare_failure(p, "{}", 2, &a, &err));

        assert_int_equal(a.kind, PROVER_FINE);
        prover_free(p);
    }
}

static void patience_ends(void **state) {
    (void)state;
    Answer answers[64];
    for (size_t i = 0; i < 64; i++)
        answers[i] = (Answer){500, "verifier error", NULL};
    Script s = SCRIPT(answers);
    Prover *p = prover_of(&s);
    ProverAnswer a;
    CvkErr err;

    assert_false(prover_submit(p, "{}", 2, unseen, &a, &err));

    assert_string_equal(err.id, "server.failed");
    assert_in_range(s.now_ms, 60000, 130000);
    prover_free(p);
}

static void a_server_of_something_else_is_told_at_once(void **state) {
    (void)state;
    const Answer answers[] = {{404, "not found", NULL}, {200, "<html>", NULL}};
    Script s = SCRIPT(answers);
    Prover *p = prover_of(&s);
    ProverTask t;
    ProverAnswer a;
    CvkErr err;

    assert_false(prover_next(p, &t, &a, &err));
    assert_string_equal(err.id, "server.nothing");
    assert_false(prover_next(p, &t, &a, &err));
    assert_string_equal(err.id, "server.strange");
    prover_free(p);
}

static bool fetch(Script *s, const char *has, char ret[64], CvkErr *err) {
    FILE *file = tmpfile();
    Prover *p = prover_of(s);
    assert_non_null(file);
    fputs(has, file);
    bool ok = prover_fetch(p, "static/a/b", file, unseen, err);
    rewind(file);
    ret[fread(ret, 1, 63, file)] = '\0';
    fclose(file);
    prover_free(p);
    return ok;
}

static void a_download_goes_on_where_it_broke_off(void **state) {
    (void)state;
    const Answer answers[] = {{0, "e b", NULL}, {503, "busy", NULL}, {206, "atch", NULL}};
    Script s = SCRIPT(answers);
    char got[64];
    CvkErr err;

    assert_true(fetch(&s, "th", got, &err));

    assert_string_equal(got, "the batch");
    assert_string_equal(s.asked[0], "GET http://127.0.0.1:1/base/static/a/b");
}

static void quote_digest(const char *text, char ret[80]) {
    uint8_t digest[SHA256_BYTES];
    cvk_sha256(text, strlen(text), digest);
    size_t n = 0;
    ret[n++] = '"';
    for (size_t i = 0; i < sizeof digest; i++)
        n += (size_t)snprintf(ret + n, 3, "%02x", digest[i]);
    ret[n++] = '"';
    ret[n] = '\0';
}

static void a_download_that_is_not_what_its_etag_says_is_fetched_once_more(void **state) {
    (void)state;
    char etag[80], got[64];
    quote_digest("the batch", etag);
    const Answer mended[] = {{206, " batch", etag}, {200, "the batch", etag}};
    const Answer broken[] = {{206, " batch", etag}, {200, "thy batch", etag}};
    Script s = SCRIPT(mended), t = SCRIPT(broken);
    CvkErr err;

    assert_true(fetch(&s, "old", got, &err));
    assert_string_equal(got, "the batch");
    assert_false(fetch(&t, "old", got, &err));
    assert_string_equal(err.id, "batch.digest");
}

static void an_etag_that_is_no_digest_says_nothing(void **state) {
    (void)state;
    const Answer answers[] = {{200, "the batch", "\"v1\""}};
    Script s = SCRIPT(answers);
    char got[64];
    CvkErr err;

    assert_true(fetch(&s, "", got, &err));
}

static void a_file_that_is_longer_than_the_batch_is_fetched_anew(void **state) {
    (void)state;
    const Answer answers[] = {{416, "", NULL}, {200, "the batch", NULL}};
    Script s = SCRIPT(answers);
    char got[64];
    CvkErr err;

    assert_true(fetch(&s, "the batch, and more", got, &err));

    assert_string_equal(got, "the batch");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(the_protocols_answers_are_told_apart),
        TEST(a_gateway_that_counts_requests_does_not_end_the_experiment),
        TEST(an_id_that_is_a_word_of_the_answer_does_not_change_its_meaning),
        TEST(what_is_told_of_an_answer_has_one_line_and_no_id),
        TEST(a_text_without_end_is_cut),
        TEST(a_task_is_read_whatever_stands_beside_it),
        TEST(a_task_that_would_lead_elsewhere_is_refused),
        TEST(an_id_of_other_characters_is_refused),
        TEST(an_id_is_64_characters_long_at_most),
        TEST(a_submission_is_repeated_until_there_is_an_answer),
        TEST(a_no_is_not_asked_for_twice),
        TEST(a_page_of_somebody_on_the_way_is_no_yes),
        TEST(a_yes_with_a_word_in_it_that_is_the_id_is_a_yes),
        TEST(patience_ends),
        TEST(a_server_of_something_else_is_told_at_once),
        TEST(a_download_goes_on_where_it_broke_off),
        TEST(a_download_that_is_not_what_its_etag_says_is_fetched_once_more),
        TEST(an_etag_that_is_no_digest_says_nothing),
        TEST(a_file_that_is_longer_than_the_batch_is_fetched_anew),
    };
    return cmocka_run_group_tests_name("client/prover", tests, NULL, NULL);
}
