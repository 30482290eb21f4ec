/* Is the table of commands whole? Help, manual and completion are made from it. */
#include "cli/commands.h"
#include "cli/subcommands.h"
#include "market/verifier.h"
#include "support/test.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static bool has_option(const Subcommand *c, const char *name, size_t n) {
    if (n == 4 && strncmp(name, "help", n) == 0)
        return true;
    for (const Option *o = c->options; o->name != NULL; o++)
        if (strlen(o->name) == n && strncmp(o->name, name, n) == 0)
            return true;
    return false;
}

/* Every "--word" that a text shows to people is an option of the command. */
static void assert_only_its_options(const Subcommand *c, const char *text) {
    for (const char *at = strstr(text, "--"); at != NULL; at = strstr(at, "--")) {
        at += 2;
        size_t n = strspn(at, "abcdefghijklmnopqrstuvwxyz-");
        if (n > 0 && !has_option(c, at, n))
            fail_msg("convoke %s has no --%.*s", c->name, (int)n, at);
    }
}

static void every_option_of_every_command_has_a_meaning(void **state) {
    (void)state;
    for (const Command *c = commands; c->command != NULL; c++)
        for (const Option *o = c->command->options; o->name != NULL; o++) {
            size_t n = o->meaning != NULL ? strlen(o->meaning) : 0;
            if (n < 10 || !isupper((unsigned char)o->meaning[0]))
                fail_msg("convoke %s --%s: no sentence", c->command->name, o->name);
            if (o->value == NULL && o->preset != NULL)
                fail_msg("convoke %s --%s: a flag has no default", c->command->name, o->name);
            assert_false(strcmp(o->name, "help") == 0);
        }
}

static void every_verifier_is_told_where_one_is_chosen(void **state) {
    (void)state;
    const Option *o = CLI_MARKET_BATCH_IMPORT.options;
    while (strcmp(o->name, "verifier") != 0)
        o++;
    assert_non_null(strstr(o->meaning, "exec")); /* which is run's */
    for (size_t i = 0; verifier_at(i) != NULL; i++)
        if (strstr(o->meaning, verifier_at(i)->name) == NULL)
            fail_msg("--verifier does not tell of %s", verifier_at(i)->name);
}

static void every_command_has_a_purpose_and_examples(void **state) {
    (void)state;
    for (const Command *c = commands; c->command != NULL; c++) {
        const Subcommand *command = c->command;
        char call[64];
        assert_true(strlen(command->purpose) > 3);
        assert_false(isupper((unsigned char)command->purpose[0]));
        assert_non_null(command->usage);
        snprintf(call, sizeof call, "convoke %s", command->name);
        if (strstr(command->examples, call) == NULL)
            fail_msg("convoke %s: no example calls it", command->name);
        assert_non_null(command->run);
        assert_true(command->args_min <= command->args_max);
    }
}

static void usage_names_no_option_that_is_not_there(void **state) {
    (void)state;
    for (const Command *c = commands; c->command != NULL; c++)
        assert_only_its_options(c->command, c->command->usage);
}

/* A line of an example may call another command, which the table has, too. */
static void examples_run_commands_that_there_are_with_options_that_they_have(void **state) {
    (void)state;
    for (const Command *c = commands; c->command != NULL; c++) {
        for (const char *at = strstr(c->command->examples, "convoke "); at != NULL;
             at = strstr(at, "convoke ")) {
            char line[256], words[3][64] = {"", "", ""};
            at += strlen("convoke ");
            snprintf(line, sizeof line, "%.*s", (int)strcspn(at, "\n)"), at);
            sscanf(line, "%63s %63s %63s", words[0], words[1], words[2]);
            int used;
            const Subcommand *called =
                commands_find(commands, 3, (char *[]){words[0], words[1], words[2]}, &used);
            if (called == NULL)
                fail_msg("convoke %s: there is no 'convoke %s'", c->command->name, line);
            else
                assert_only_its_options(called, line);
        }
    }
}

static void every_command_is_found_by_its_name_alone(void **state) {
    (void)state;
    for (const Command *c = commands; c->command != NULL; c++) {
        char words[3][64] = {"", "", ""};
        int n = sscanf(c->command->name, "%63s %63s %63s", words[0], words[1], words[2]), used;
        assert_ptr_equal(
            commands_find(commands, n, (char *[]){words[0], words[1], words[2]}, &used),
            c->command);
        assert_int_equal(used, n);
    }
}

static void what_is_no_command_is_not_found(void **state) {
    (void)state;
    int used;
    assert_null(commands_find(commands, 1, (char *[]){"ceremony"}, &used));
    assert_null(commands_find(commands, 2, (char *[]){"ceremony", "newer"}, &used));
    assert_null(commands_find(commands, 1, (char *[]){"serv"}, &used));
    assert_null(commands_find(commands, 0, NULL, &used));
}

static void every_code_has_a_meaning_and_verdicts_are_where_they_are_given(void **state) {
    (void)state;
    size_t verdicts = 0;
    for (const Command *c = commands; c->command != NULL; c++) {
        assert_non_null(exits_text(&c->command->exits, EXIT_DONE));
        assert_non_null(exits_text(&c->command->exits, EXIT_UNUSABLE));
        verdicts += exits_text(&c->command->exits, EXIT_INVALID) != NULL;
    }
    assert_true(verdicts >= 3); /* contribute, verify, receipt verify */
    for (size_t i = 0; i < EXITS_N; i++)
        assert_non_null(exit_meanings[i]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(every_option_of_every_command_has_a_meaning),
        TEST(every_verifier_is_told_where_one_is_chosen),
        TEST(every_command_has_a_purpose_and_examples),
        TEST(usage_names_no_option_that_is_not_there),
        TEST(examples_run_commands_that_there_are_with_options_that_they_have),
        TEST(every_command_is_found_by_its_name_alone),
        TEST(what_is_no_command_is_not_found),
        TEST(every_code_has_a_meaning_and_verdicts_are_where_they_are_given),
    };
    return cmocka_run_group_tests_name("cli/commands", tests, NULL, NULL);
}
