#include "run/experiment_entry.h"
#include "support/test.h"

/* An entry of this type with a value in each field. */
static MarketEntry some_entry(int type) {
    MarketEntry e = {.type = (MarketEntryType)type,
                     .change = {.ms = 1700000000000,
                                .participant = 3,
                                .batch = 4,
                                .request = 5,
                                .group = 1,
                                .block = 6,
                                .on = true,
                                .state = REQUEST_EXPIRED,
                                .seq = 7,
                                .body = {1, 2, 3}},
                     .name = "a \"name\"\n\xc3\xa9",
                     .definition = {4, 5},
                     .attempt = 8,
                     .row = {6, 7}};
    return e;
}

static void every_entry_is_read_as_it_was_written(void **state) {
    (void)state;
    for (int type = 0; type < ENTRIES_N; type++) {
        MarketEntry e = some_entry(type), back;
        _cleanup_buf_ CvkBuf first = CVK_BUF(4096), again = CVK_BUF(4096);
        CvkErr err;

        assert_true(market_entry_write(&e, &first, &err));
        if (!market_entry_read(first.data, first.n, &back, &err))
            fail_msg("%s: %s", first.data, err.msg);
        assert_true(market_entry_write(&back, &again, &err));

        assert_int_equal(back.type, type);
        assert_string_equal(first.data, again.data);
    }
}

static void an_entry_says_what_it_changes(void **state) {
    (void)state;
    MarketChange done = {.kind = CHANGE_REQUEST_CLOSED, .request = 5, .state = REQUEST_DONE};
    MarketChange skipped = {.kind = CHANGE_REQUEST_CLOSED, .request = 5, .state = REQUEST_SKIPPED};
    MarketChange back;

    for (int kind = 0; kind < MARKET_CHANGES_N; kind++) {
        MarketChange c = {.kind = (MarketChangeKind)kind, .state = REQUEST_EXPIRED};
        MarketEntry e = market_entry_of(&c);
        assert_true(market_entry_changes(&e, &back));
        assert_int_equal(back.kind, kind);
    }
    MarketEntry e = market_entry_of(&done);
    assert_int_equal(e.type, ENTRY_PROOF_ACCEPTED);
    assert_true(market_entry_changes(&e, &back));
    assert_int_equal(back.state, REQUEST_DONE);
    assert_int_equal(market_entry_of(&skipped).type, ENTRY_REQUEST_CLOSED);
    e = some_entry(ENTRY_ATTEMPT);
    assert_false(market_entry_changes(&e, &back));
}

static void there_is_one_way_to_write_an_entry(void **state) {
    (void)state;
    static const char *const wrong[] = {
        "",
        "{}",
        "[1]",
        "{\"v\":1,\"type\":\"BatchRetired\",\"now\":1,\"batch\":1}",
        "{\"v\":1,\"type\":\"BatchRetired\",\"now\":1,\"batch\":1,\"on\":true,\"seq\":1}",
        "{\"v\":1,\"type\":\"BatchRetired\",\"now\":1,\"on\":true,\"batch\":1}",
        "{\"v\":1,\"type\":\"BatchRetired\",\"now\":1,\"batch\":1,\"on\":true} ",
        "{\"v\":2,\"type\":\"BatchRetired\",\"now\":1,\"batch\":1,\"on\":true}",
        "{\"v\":1,\"type\":\"Batch\",\"now\":1,\"batch\":1,\"on\":true}",
        "{\"v\":1,\"type\":\"BatchRetired\",\"now\":1,\"batch\":01,\"on\":true}",
        "{\"v\":1,\"type\":\"BatchRetired\",\"now\":1,\"batch\":4294967296,\"on\":true}",
        "{\"v\":1,\"type\":\"RequestClosed\",\"now\":1,\"request\":1,\"state\":\"gone\"}",
    };
    static const char right[] =
        "{\"v\":1,\"type\":\"BatchRetired\",\"now\":1,\"batch\":1,\"on\":true}";
    MarketEntry e;
    CvkErr err;

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        if (market_entry_read(wrong[i], strlen(wrong[i]), &e, &err))
            fail_msg("taken: %s", wrong[i]);
        assert_string_equal(err.id, "entry.syntax");
    }
    assert_true(market_entry_read(right, strlen(right), &e, &err));
    assert_int_equal(e.change.batch, 1);
    assert_true(e.change.on);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(every_entry_is_read_as_it_was_written),
        TEST(an_entry_says_what_it_changes),
        TEST(there_is_one_way_to_write_an_entry),
    };
    return cmocka_run_group_tests_name("experiment_entry", tests, NULL, NULL);
}
