/* The lines of a handover's private files. */
#include "support/test.h"

#include "format/handover.h"

#include <stdio.h>
#include <string.h>

#define SALT "0x1111111111111111111111111111111111111111111111111111111111111111"
#define ADDRESS "0x2222222222222222222222222222222222222222"

static void line_of(FILE *f, char *ret, size_t cap) {
    rewind(f);
    assert_non_null(fgets(ret, (int)cap, f));
    size_t n = strlen(ret);
    assert_true(n > 0 && ret[n - 1] == '\n');
    ret[n - 1] = '\0';
    fclose(f);
}

static void a_private_part_is_one_line_and_comes_back(void **state) {
    (void)state;
    PrivatePart p = {.entry = 7, .part = "{\"identity\":\"git|1|x\"}"}, got;
    char line[1024];
    FILE *f = tmpfile();
    memset(p.salt, 0x11, sizeof p.salt);
    assert_true(private_part_write(f, &p, NULL));
    line_of(f, line, sizeof line);
    assert_string_equal(line, "{\"entry\":7,\"salt\":\"" SALT
                              "\",\"part\":\"{\\\"identity\\\":\\\"git|1|x\\\"}\"}");
    assert_true(private_part_read(line, strlen(line), &got, NULL));
    assert_int_equal(got.entry, 7);
    assert_memory_equal(got.salt, p.salt, sizeof p.salt);
    assert_string_equal(got.part, p.part);
    assert_int_equal(got.part_n, strlen(p.part));
}

static void an_invitation_is_one_line_and_comes_back(void **state) {
    (void)state;
    InvitationLine i = {.identity = "git|1|x", .created_ms = 12}, got;
    char line[1024];
    FILE *f = tmpfile();
    memset(i.address, 0x22, sizeof i.address);
    assert_true(invitation_line_write(f, &i, NULL));
    line_of(f, line, sizeof line);
    assert_string_equal(line,
                        "{\"address\":\"" ADDRESS "\",\"identity\":\"git|1|x\",\"created_ms\":12}");
    assert_true(invitation_line_read(line, strlen(line), &got, NULL));
    assert_memory_equal(got.address, i.address, sizeof i.address);
    assert_string_equal(got.identity, "git|1|x");
    assert_int_equal(got.created_ms, 12);
}

static void anything_else_is_refused(void **state) {
    (void)state;
    static const char *const parts[] = {
        "",
        "{}",
        "[]",
        "{\"entry\":1,\"salt\":\"" SALT "\"}",
        "{\"entry\":-1,\"salt\":\"" SALT "\",\"part\":\"\"}",
        "{\"entry\":1,\"salt\":\"0x11\",\"part\":\"\"}",
        "{\"entry\":1,\"salt\":\"" SALT "\",\"part\":\"\",\"more\":1}",
        "{\"entry\":1,\"salt\":\"" SALT "\",\"part\":\"\"} x",
    };
    static const char *const invitations[] = {
        "",
        "{}",
        "{\"address\":\"" ADDRESS "\",\"identity\":\"a\"}",
        "{\"address\":\"0x22\",\"identity\":\"a\",\"created_ms\":1}",
        "{\"address\":\"" ADDRESS "\",\"identity\":\"a\",\"created_ms\":-1}",
        "{\"address\":\"" ADDRESS "\",\"identity\":\"a\",\"created_ms\":9223372036854775808}",
    };
    PrivatePart p;
    InvitationLine i;
    char big[LIMIT_IDENTITY + 200];
    snprintf(big, sizeof big,
             "{\"address\":\"" ADDRESS "\",\"identity\":\"%0*d\",\"created_ms\":1}",
             LIMIT_IDENTITY + 1, 0);
    for (size_t k = 0; k < sizeof parts / sizeof *parts; k++)
        assert_false(private_part_read(parts[k], strlen(parts[k]), &p, NULL));
    for (size_t k = 0; k < sizeof invitations / sizeof *invitations; k++)
        assert_false(invitation_line_read(invitations[k], strlen(invitations[k]), &i, NULL));
    assert_false(invitation_line_read(big, strlen(big), &i, NULL));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_private_part_is_one_line_and_comes_back),
        cmocka_unit_test(an_invitation_is_one_line_and_comes_back),
        cmocka_unit_test(anything_else_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
