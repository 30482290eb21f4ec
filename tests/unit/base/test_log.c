#include "base/log.h"
#include "support/test.h"

#include <jansson.h>
#include <unistd.h>

/* What was written to standard error between begin() and end(). */
typedef struct {
    FILE *file;
    int saved;
    char text[8192];
} Capture;

static void begin(Capture *c) {
    c->file = tmpfile();
    assert_non_null(c->file);
    c->saved = dup(STDERR_FILENO);
    assert_true(dup2(fileno(c->file), STDERR_FILENO) >= 0);
}

static const char *end(Capture *c) {
    dup2(c->saved, STDERR_FILENO);
    close(c->saved);
    rewind(c->file);
    size_t n = fread(c->text, 1, sizeof c->text - 1, c->file);
    c->text[n] = '\0';
    fclose(c->file);
    return c->text;
}

/* The line that logging one value gives, after the time. */
static const char *line_with(Capture *c, bool json, const char *value) {
    cvk_log_setup(LOG_INFO, json);
    begin(c);
    cvk_log(LOG_INFO, "a.b", "key", value, NULL);
    return end(c);
}

static size_t count(const char *text, char wanted) {
    size_t n = 0;
    for (; *text != '\0'; text++)
        n += *text == wanted;
    return n;
}

static void a_line_has_time_level_event_and_pairs(void **state) {
    (void)state;
    Capture c;
    cvk_log_setup(LOG_INFO, false);

    begin(&c);
    cvk_log(LOG_WARN, "lease.expired", "lease", "7", "who", "a b", NULL);
    const char *line = end(&c);

    assert_true(strlen(line) > 25);
    assert_int_equal(line[23], 'Z');
    assert_string_equal(line + 24, " warn event=lease.expired lease=7 who=\"a b\"\n");
}

static void what_is_below_the_level_is_not_written(void **state) {
    (void)state;
    Capture c;
    cvk_log_setup(LOG_WARN, false);

    begin(&c);
    cvk_log(LOG_INFO, "a.b", NULL);

    assert_string_equal(end(&c), "");
    assert_false(cvk_log_wants(LOG_INFO));
    assert_true(cvk_log_wants(LOG_WARN));
}

static void no_value_can_forge_a_line_or_a_pair(void **state) {
    (void)state;
    static const char *const evil[] = {"x\n2026-01-01T00:00:00.000Z error event=fake",
                                       "x\r\ny",
                                       "x\" admin=\"true",
                                       "x\\\" admin=1",
                                       "x admin=true",
                                       "x=y",
                                       "\x1b[2J",
                                       "\x7f",
                                       "",
                                       "\xc2\x85next",
                                       "\xe2\x80\xa8next",
                                       "\x9b[2J"};
    for (size_t i = 0; i < sizeof evil / sizeof *evil; i++) {
        Capture c;
        const char *line = line_with(&c, false, evil[i]);

        const char *value = strstr(line, " key=");
        assert_non_null(value);
        assert_int_equal(value[5], '"');
        assert_int_equal(count(line, '\n'), 1);
        for (const char *p = line; *p != '\n'; p++)
            assert_true((unsigned char)*p >= 0x20 && *p != 0x7f);
        assert_null(strstr(line, "\xc2\x85"));
        assert_null(strstr(line, "\xe2\x80\xa8"));
        assert_null(strchr(line, '\x9b'));

        size_t quotes = 0;
        for (const char *p = value + 5; *p != '\n'; p++) {
            if (*p == '\\')
                p++;
            else
                quotes += *p == '"';
        }
        assert_int_equal(quotes, 2);
    }
}

static void json_gives_back_what_was_logged(void **state) {
    (void)state;
    static const char *const texts[] = {"plain", "a \"b\" \\ c\n\t",
                                        "gr\xc3\xbc\xc3\x9f \xf0\x9f\x8c\x8d", ""};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        Capture c;
        json_t *line = json_loads(line_with(&c, true, texts[i]), JSON_REJECT_DUPLICATES, NULL);

        assert_non_null(line);
        assert_string_equal(json_string_value(json_object_get(line, "level")), "info");
        assert_string_equal(json_string_value(json_object_get(line, "event")), "a.b");
        assert_string_equal(json_string_value(json_object_get(line, "key")), texts[i]);
        json_decref(line);
    }
}

static void json_stays_json_whatever_the_bytes(void **state) {
    (void)state;
    for (int first = 1; first < 256; first++) {
        Capture c;
        const char value[] = {'<', (char)first, (char)0x80, (char)0xbf, (char)first, '>', '\0'};
        json_t *line = json_loads(line_with(&c, true, value), JSON_REJECT_DUPLICATES, NULL);

        assert_non_null(line);
        const char *got = json_string_value(json_object_get(line, "key"));
        assert_int_equal(got[0], '<');
        assert_int_equal(got[strlen(got) - 1], '>');
        json_decref(line);
    }
}

static void too_long_a_line_is_cut_and_still_a_line(void **state) {
    (void)state;
    static const char fills[] = {'x', '\n', '"', '\xff'};
    for (size_t i = 0; i < sizeof fills; i++) {
        char value[6000];
        memset(value, fills[i], sizeof value - 1);
        value[sizeof value - 1] = '\0';
        for (size_t shift = 0; shift < 16; shift++) {
            Capture c;
            const char *line = line_with(&c, true, value + shift);

            json_t *parsed = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
            assert_non_null(parsed);
            json_decref(parsed);
            assert_int_equal(line[strlen(line) - 1], '\n');
            assert_true(strlen(line) <= 2048);

            line = line_with(&c, false, value + shift);
            assert_int_equal(count(line, '\n'), 1);
            assert_int_equal(line[strlen(line) - 1], '\n');
        }
    }
}

static void pairs_after_a_long_one_do_not_break_the_line(void **state) {
    (void)state;
    Capture c;
    char value[6000];
    memset(value, 'x', sizeof value - 1);
    value[sizeof value - 1] = '\0';
    cvk_log_setup(LOG_INFO, true);

    begin(&c);
    cvk_log(LOG_INFO, "a.b", "first", value, "second", value, "third", "z", NULL);
    json_t *line = json_loads(end(&c), JSON_REJECT_DUPLICATES, NULL);

    assert_non_null(line);
    json_decref(line);
}

static void an_error_is_logged_with_id_and_message(void **state) {
    (void)state;
    Capture c;
    CvkErr err;
    cvk_fail(&err, CVK_EBACKEND, "file.open", "cannot open 'a'");
    cvk_log_setup(LOG_INFO, false);

    begin(&c);
    cvk_log_err(LOG_ERROR, "start.failed", &err);

    assert_non_null(
        strstr(end(&c), " error event=start.failed error=file.open message=\"cannot open 'a'\"\n"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_line_has_time_level_event_and_pairs),
        TEST(what_is_below_the_level_is_not_written),
        TEST(no_value_can_forge_a_line_or_a_pair),
        TEST(json_gives_back_what_was_logged),
        TEST(json_stays_json_whatever_the_bytes),
        TEST(too_long_a_line_is_cut_and_still_a_line),
        TEST(pairs_after_a_long_one_do_not_break_the_line),
        TEST(an_error_is_logged_with_id_and_message),
    };
    return cmocka_run_group_tests_name("base/log", tests, NULL, NULL);
}
