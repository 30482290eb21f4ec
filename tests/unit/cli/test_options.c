#include "cli/options.h"
#include "support/test.h"

static const Option options[] = {
    {"name", "NAME", "kzg", "A name."}, {"set", "KEY=VALUE", NULL, "May be repeated."},
    {"brief", NULL, NULL, "A flag."},   {"threads", "N", "0", "A number."},
    {NULL, NULL, NULL, NULL},
};
static const Subcommand command = {.name = "test it",
                                   .purpose = "is tested",
                                   .usage = "FILE [options]\nURL [options]",
                                   .about = "Some words.",
                                   .options = options,
                                   .examples = "convoke test it x",
                                   .args_min = 1,
                                   .args_max = 2};

static bool parse(char **argv, Args **ret, bool *ret_help, CvkErr *err) {
    int argc = 0;
    while (argv[argc] != NULL)
        argc++;
    return args_parse(&command, argc, argv, ret, ret_help, err);
}

static void options_may_stand_among_the_arguments(void **state) {
    (void)state;
    char *argv[] = {"it", "a", "--set", "x=1", "--brief", "b", "--set=y=2", NULL};
    Args *args;
    bool help;
    CvkErr err;

    assert_true(parse(argv, &args, &help, &err));

    assert_int_equal(args_n(args), 2);
    assert_string_equal(args_at(args, 0), "a");
    assert_string_equal(args_at(args, 1), "b");
    assert_null(args_at(args, 2));
    assert_true(args_flag(args, "brief"));
    assert_string_equal(args_list(args, "set")[0], "x=1");
    assert_string_equal(args_list(args, "set")[1], "y=2");
    assert_null(args_list(args, "set")[2]);
    args_free(args);
}

static void what_is_not_given_has_its_default(void **state) {
    (void)state;
    char *argv[] = {"it", "a", NULL};
    Args *args;
    bool help;
    CvkErr err;

    assert_true(parse(argv, &args, &help, &err));

    assert_string_equal(args_text(args, "name"), "kzg");
    assert_null(args_text(args, "set"));
    assert_false(args_flag(args, "brief"));
    args_free(args);
}

static void the_last_one_given_counts(void **state) {
    (void)state;
    char *argv[] = {"it", "a", "--name", "x", "--name", "y", NULL};
    Args *args;
    bool help;
    CvkErr err;

    assert_true(parse(argv, &args, &help, &err));

    assert_string_equal(args_text(args, "name"), "y");
    args_free(args);
}

static void assert_refused(char **argv, const char *id, const char *part) {
    Args *args;
    bool help;
    CvkErr err;
    assert_false(parse(argv, &args, &help, &err));
    assert_string_equal(err.id, id);
    assert_non_null(strstr(err.msg, part));
}

static void mistakes_are_named(void **state) {
    (void)state;
    assert_refused((char *[]){"it", "a", "--nmae", "x", NULL}, "usage.option", "--nmae");
    assert_refused((char *[]){"it", "--nmae", "a", NULL}, "usage.option", "--nmae");
    assert_refused((char *[]){"it", "a", "-x", NULL}, "usage.option", "-x");
    assert_refused((char *[]){"it", "a", "-x=b", "c", NULL}, "usage.option", "-x=b");
    assert_refused((char *[]){"it", "a", "b", "-xy", NULL}, "usage.option", "-xy");
    assert_refused((char *[]){"it", "a", "--name", NULL}, "usage.value", "--name");
    assert_refused((char *[]){"it", NULL}, "usage.few", "convoke test it FILE");
    assert_refused((char *[]){"it", "a", "b", "c", NULL}, "usage.many",
                   "'c' is one argument too many; usage: convoke test it FILE");
}

static void help_is_heard_wherever_it_stands(void **state) {
    (void)state;
    Args *args;
    bool help;
    CvkErr err;
    assert_true(parse((char *[]){"it", "--help", NULL}, &args, &help, &err));
    assert_true(help);
    args_free(args);
}

static void numbers_are_read_whole_or_refused(void **state) {
    (void)state;
    static const struct {
        char *text;
        bool ok;
        uint64_t value;
    } rows[] = {{"0", true, 0},   {"64", true, 64},   {"65", false, 0},
                {"-1", false, 0}, {"1x", false, 0},   {"", false, 0},
                {" 1", false, 0}, {"0x10", false, 0}, {"99999999999999999999", false, 0}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *argv[] = {"it", "a", "--threads", rows[i].text, NULL};
        Args *args;
        bool help;
        uint64_t value = 0;
        CvkErr err;
        assert_true(parse(argv, &args, &help, &err));
        assert_int_equal(args_uint(args, "threads", 64, &value, &err), rows[i].ok);
        if (rows[i].ok)
            assert_int_equal(value, rows[i].value);
        args_free(args);
    }
}

static void help_teaches_options_defaults_examples_and_exit_codes(void **state) {
    (void)state;
    char text[4096] = "";
    FILE *out = fmemopen(text, sizeof text, "w");

    subcommand_help(&command, out);

    fclose(out);
    assert_non_null(strstr(text, "convoke test it: is tested"));
    assert_non_null(strstr(text, "usage: convoke test it FILE [options]\n"
                                 "       convoke test it URL [options]\n"));
    assert_non_null(strstr(text, "--name NAME\n      A name. (default: kzg)\n"));
    assert_non_null(strstr(text, "examples:\n  convoke test it x\n"));
    assert_non_null(strstr(text, "exit codes:\n  0  done\n"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(options_may_stand_among_the_arguments),
        TEST(what_is_not_given_has_its_default),
        TEST(the_last_one_given_counts),
        TEST(mistakes_are_named),
        TEST(help_is_heard_wherever_it_stands),
        TEST(numbers_are_read_whole_or_refused),
        TEST(help_teaches_options_defaults_examples_and_exit_codes),
    };
    return cmocka_run_group_tests_name("cli/options", tests, NULL, NULL);
}
