/* A bit flips somewhere in the database of a server that is down: the next start finds it and says
 * where, or it was in a place that does not matter. What is on record is never changed unnoticed.
 */
#include "support/test.h"

#include "base/buf.h"
#include "sim/sim_disk.h"
#include "sim/sim_kind.h"
#include "sim/sim_server.h"

#define PEOPLE 4
#define STEP 41 /* every so many bytes, another bit */
#define RECORD_MAX 100000

/* ---- a small ceremony ---- */

static void must(bool ok, const CvkErr *err) {
    if (!ok)
        fail_msg("%s: %s", err->id, err->msg);
}

static void contribute(SimServer *s, const char *identity, uint64_t nonce) {
    char bytes[SIM_RESPONSE_MAX];
    Session who;
    Refusal refusal = REFUSAL_BUSY;
    Submit answer;
    uint64_t lease, state, upload;
    bool judge;
    CvkErr err;
    for (int asked = 0; refusal != REFUSAL_NONE && refusal != REFUSAL_HOLDER_AGAIN; asked++) {
        assert_true(asked < 10);
        sim_session(s, identity, &who);
        must(sim_check_in(s, &who, &refusal, &lease, &state, &err), &err);
        for (int i = 0; i < 30; i++) {
            sim_time_pass(1000);
            must(sim_tick(s, &err), &err);
        }
    }
    size_t n = sim_kind_respond(state, nonce, SIM_VALID, bytes);
    must(sim_upload_begin(s, &who, &upload, &err), &err);
    must(sim_upload_write(s, upload, bytes, n, &err), &err);
    must(sim_upload_store(s, upload, &judge, &answer, &err), &err);
    assert_true(judge);
    must(sim_upload_judge(s, upload, &answer, &err), &err);
    assert_int_equal(answer.result, SUBMIT_ACCEPTED);
    submit_done(&answer);
    sim_upload_end(s, upload);
}

static SimServer *server_with_a_record(void) {
    SimServer *s;
    CvkErr err;
    must(sim_server_new(&(SimServerOptions){.seed = 3, .preset = "kzg"}, &s, &err), &err);
    for (uint64_t i = 0; i < PEOPLE; i++) {
        char identity[LIMIT_IDENTITY + 1];
        snprintf(identity, sizeof identity, "git|%d|p", (int)i);
        contribute(s, identity, 100 + i);
    }
    return s;
}

/* ---- its record: the journal's lines with their private parts, and the receipts ---- */

static bool add_line(void *ctx, const SimEntry *e) {
    return cvk_buf_add_fmt(ctx, NULL, "%s\t%s\n", e->json, e->open != NULL ? e->open : "");
}

static bool add_receipt(SimServer *s, uint64_t index, CvkBuf *ret, CvkErr *err) {
    char *receipt, signature[131];
    if (!ceremony_receipt(sim_server_ceremony(s), index, &receipt, signature, err))
        return false;
    bool ok = cvk_buf_add_fmt(ret, err, "%s\t%s\n", receipt, signature);
    free(receipt);
    return ok;
}

/* False: it cannot be read, or is not given out. */
static bool read_record(SimServer *s, CvkBuf *ret, CvkErr *err) {
    CeremonyStatus status;
    ceremony_status(sim_server_ceremony(s), &status);
    *ret = CVK_BUF(RECORD_MAX);
    bool ok = sim_journal_each(s, 1, add_line, ret, err);
    for (uint64_t i = 1; ok && i <= status.view.contributions; i++)
        ok = add_receipt(s, i, ret, err);
    return ok;
}

/* Each line is one that was there; some, or private parts, are missing. */
static bool only_lacks(const char *now, const char *was) {
    while (*now != '\0') {
        size_t line = strcspn(was, "\n") + 1, json = strcspn(was, "\t") + 1;
        bool whole = strncmp(now, was, line) == 0;
        if (!whole && (strncmp(now, was, json) != 0 || now[json] != '\n'))
            return false;
        now += whole ? line : json + 1;
        was += line;
    }
    return true;
}

/* LACKS: a part of it is not there, unnoticed; the rest is as it was. */
typedef enum { HARMLESS, FOUND, LACKS, UNNOTICED, OUTCOMES } Outcome;

static Outcome start_and_compare(SimServer *s, const char *record, CvkErr *err) {
    CvkBuf now;
    if (!sim_server_start(s, err))
        return FOUND;
    bool readable = read_record(s, &now, err);
    Outcome outcome = !readable                                ? FOUND
                      : strcmp(cvk_buf_str(&now), record) == 0 ? HARMLESS
                      : only_lacks(cvk_buf_str(&now), record)  ? LACKS
                                                               : UNNOTICED;
    cvk_buf_done(&now);
    sim_server_stop(s);
    return outcome;
}

static bool is_located(const CvkErr *err) {
    static const char *const where[] = {"entry ", "journal entry ", "contribution ",
                                        "the receipt of contribution "};
    for (size_t i = 0; i < sizeof where / sizeof *where; i++)
        if (strncmp(err->msg, where[i], strlen(where[i])) == 0)
            return true;
    return false;
}

/* ---- tests ---- */

static void a_bit_that_flips_in_the_database_changes_nothing_on_record_unnoticed(void **state) {
    (void)state;
    SimServer *s = server_with_a_record();
    CvkBuf record;
    CvkErr err;
    unsigned seen[OUTCOMES] = {0}, located = 0;
    must(read_record(s, &record, &err), &err);
    sim_server_stop(s);
    size_t n = sim_disk_size(sim_server_database(s));
    assert_true(n > 20000);

    for (size_t at = 0; at < n; at += STEP) {
        uint8_t mask = (uint8_t)(1u << at % 8);
        sim_disk_damage(sim_server_database(s), at, mask);
        Outcome outcome = start_and_compare(s, cvk_buf_str(&record), &err);
        if (outcome == UNNOTICED || outcome == LACKS)
            fail_msg("byte %zu of %zu, bit %zu: %s", at, n, at % 8,
                     outcome == LACKS ? "lacks" : "changed");
        seen[outcome]++;
        located += outcome == FOUND && is_located(&err);
        sim_disk_damage(sim_server_database(s), at, mask);
    }

    assert_int_equal(seen[LACKS], 0);
    assert_true(seen[FOUND] > 50);
    assert_true(located > 20);
    must(sim_server_start(s, &err), &err);
    cvk_buf_done(&record);
    sim_server_free(s);
}

/* The operating system may have lost the end of a file that was copied. */
static void a_database_that_was_cut_off_is_found_or_its_journal_is_whole(void **state) {
    (void)state;
    SimServer *s = server_with_a_record();
    CvkBuf record;
    CvkErr err;
    must(read_record(s, &record, &err), &err);
    sim_server_stop(s);
    size_t n = sim_disk_size(sim_server_database(s));

    for (unsigned found = 0; n > 4096; n -= 1024) {
        sim_disk_cut(sim_server_database(s), n);
        Outcome outcome = start_and_compare(s, cvk_buf_str(&record), &err);
        assert_true(outcome == FOUND || outcome == HARMLESS);
        found += outcome == FOUND;
        assert_true(n > 8192 || found > 10);
    }

    cvk_buf_done(&record);
    sim_server_free(s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_bit_that_flips_in_the_database_changes_nothing_on_record_unnoticed),
        TEST(a_database_that_was_cut_off_is_found_or_its_journal_is_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
