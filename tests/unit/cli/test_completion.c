/* What the scripts say; whether a shell understands them is tests/e2e/test_manual.py's to see. */
#include "cli/completion.h"
#include "support/test.h"

#include <stdio.h>
#include <string.h>

static const Option options[] = {
    {"way", "yes|no", "yes", "It's this [or: that]. More of it."},
    {"out", "FILE", NULL, "Where to."},
    {"at", "DIR", NULL, "Where."},
    {"name", "NAME", NULL, "Who."},
    {"text", "TEXT|@FILE", NULL, "What."},
    {"brief", NULL, NULL, "A flag."},
    {NULL, NULL, NULL, NULL},
};
static const Option none[] = {{NULL, NULL, NULL, NULL}};
static const Subcommand alone = {.name = "go", .purpose = "goes", .usage = "", .options = options};
static const Subcommand first = {.name = "do it", .purpose = "does", .usage = "", .options = none};
static const Subcommand second = {
    .name = "do more", .purpose = "more", .usage = "", .options = none};
static const Subcommand deep = {
    .name = "do good now", .purpose = "good", .usage = "", .options = none};
static const Command table[] = {
    {"to go", &alone}, {NULL, &first}, {NULL, &second}, {NULL, &deep}, {NULL, NULL}};

static void write(void (*fn)(const Command *, void *), char *ret, size_t cap) {
    memset(ret, 0, cap);
    FILE *out = fmemopen(ret, cap - 1, "w");
    fn(table, out);
    fclose(out);
}

static void bash_knows_words_options_and_values(void **state) {
    (void)state;
    char text[8192];

    write(completion_bash, text, sizeof text);

    assert_non_null(strstr(text, "    ' ') words='go do' ;;"));
    assert_non_null(strstr(text, "    'do ') words='it more good' ;;"));
    assert_non_null(strstr(text, "    'do good ') words='now' ;;"));
    assert_non_null(strstr(
        text, "'go '*) command='go' options='--way --out --at --name --text --brief --help'"));
    assert_non_null(strstr(text, "'go --way') words='yes no'"));
    assert_non_null(strstr(text, "'go --out') kind=-f"));
    assert_non_null(strstr(text, "'go --at') kind=-d"));
    assert_non_null(strstr(text, "'go --name') kind=none"));
    assert_non_null(strstr(text, "'go --text') kind=-f"));
    assert_null(strstr(text, "'go --brief')"));
}

static void zsh_has_the_first_sentence_without_what_it_would_misread(void **state) {
    (void)state;
    char text[8192];

    write(completion_zsh, text, sizeof text);

    assert_non_null(strstr(text, "'*--way[Its this or that]:value:(yes no)'"));
    assert_non_null(strstr(text, "'*--brief[A flag]'"));
    assert_non_null(strstr(text, "'go:goes'\n"));
    assert_non_null(strstr(text, "'do:several commands'\n"));
    assert_non_null(strstr(text, "'more:more'\n"));
}

static void fish_has_each_option_where_its_command_stands(void **state) {
    (void)state;
    char text[8192];

    write(completion_fish, text, sizeof text);

    assert_non_null(strstr(text, "-n '__convoke_at' -x -a 'go do'\n"));
    assert_non_null(
        strstr(text, "'__convoke_in go' -l way -x -a 'yes no' -d 'Its this or that'\n"));
    assert_non_null(strstr(text, "'__convoke_at do' -x -a 'it more good'\n"));
    assert_non_null(strstr(text, "'__convoke_at do good' -x -a 'now'\n"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(bash_knows_words_options_and_values),
        TEST(zsh_has_the_first_sentence_without_what_it_would_misread),
        TEST(fish_has_each_option_where_its_command_stands),
    };
    return cmocka_run_group_tests_name("cli/completion", tests, NULL, NULL);
}
