#include "cli/options.h"

#include "base/alloc.h"

#include <assert.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#define OPTIONS_MAX 32
#define WIDTH 80

struct Args {
    const Subcommand *command;
    const char *at[ARGS_LIST_MAX];
    size_t n;
    struct {
        const char *text[ARGS_LIST_MAX + 1]; /* NULL-terminated; "" for a flag */
        size_t n;
    } given[OPTIONS_MAX];
};

static size_t count_options(const Subcommand *c) {
    size_t n = 0;
    while (c->options[n].name != NULL)
        n++;
    assert(n < OPTIONS_MAX);
    return n;
}

/* ---- parsing ---- */

static bool take_option(Args *a, size_t i, const char *value, CvkErr *err) {
    if (a->given[i].n == ARGS_LIST_MAX)
        return cvk_fail(err, CVK_EBADREQ, "usage.many", "--%s is given too often: %d times at most",
                        a->command->options[i].name, ARGS_LIST_MAX);
    a->given[i].text[a->given[i].n++] = value != NULL ? value : "";
    return true;
}

static bool fail_unknown(const Subcommand *c, const char *what, char kind, CvkErr *err) {
    if (kind == ':')
        return cvk_fail(err, CVK_EBADREQ, "usage.value",
                        "'%.60s' needs a value: see 'convoke help %s'", what, c->name);
    return cvk_fail(err, CVK_EBADREQ, "usage.option",
                    "'%.60s' is no option of %s: see 'convoke help %s'", what, c->name, c->name);
}

/* What getopt did not know: behind a long option it stands behind the argument, inside a group of
 * letters (-n=x) still on it. */
static const char *unknown_argument(char **argv) {
    const char *last = argv[optind - 1];
    bool letters = last[0] == '-' && last[1] != '-' && strchr(last, optopt) != NULL;
    return optopt == 0 || letters ? last : argv[optind];
}

static bool take_positional(Args *a, int argc, char **argv, CvkErr *err) {
    const Subcommand *c = a->command;
    size_t n = (size_t)(argc - optind);
    if (n < c->args_min)
        return cvk_fail(err, CVK_EBADREQ, "usage.few", "usage: convoke %s %.*s", c->name,
                        (int)strcspn(c->usage, "\n"), c->usage);
    if (n > c->args_max)
        return cvk_fail(err, CVK_EBADREQ, "usage.many",
                        "'%.60s' is one argument too many; usage: convoke %s %.*s",
                        argv[(size_t)optind + c->args_max], c->name, (int)strcspn(c->usage, "\n"),
                        c->usage);
    for (a->n = 0; a->n < n; a->n++)
        a->at[a->n] = argv[(size_t)optind + a->n];
    return true;
}

static bool parse_all(Args *a, int argc, char **argv, bool *ret_help, CvkErr *err) {
    const Subcommand *c = a->command;
    struct option longs[OPTIONS_MAX + 1] = {{0}};
    size_t n = count_options(c);
    for (size_t i = 0; i < n; i++)
        longs[i] = (struct option){.name = c->options[i].name,
                                   .has_arg = c->options[i].value != NULL ? required_argument
                                                                          : no_argument};
    longs[n] = (struct option){.name = "help", .has_arg = no_argument, .val = 'h'};

    optind = 0; /* starts anew, also for the unit tests */
    opterr = 0;
    for (;;) {
        int index = 0;
        /* NOLINTNEXTLINE(concurrency-mt-unsafe): before there is a second thread */
        int got = getopt_long(argc, argv, ":h", longs, &index);
        if (got == -1)
            return take_positional(a, argc, argv, err);
        if (got == 'h') {
            *ret_help = true;
            return true;
        }
        if (got == '?' || got == ':')
            return fail_unknown(c, unknown_argument(argv), (char)got, err);
        if (!take_option(a, (size_t)index, optarg, err))
            return false;
    }
}

bool args_parse(const Subcommand *c, int argc, char **argv, Args **ret, bool *ret_help,
                CvkErr *err) {
    Args *a = cvk_alloc(1, sizeof *a, err);
    if (a == NULL)
        return false;
    a->command = c;
    *ret_help = false;
    if (!parse_all(a, argc, argv, ret_help, err)) {
        args_free(a);
        return false;
    }
    *ret = a;
    return true;
}

Args *args_free(Args *a) {
    free(a);
    return NULL;
}

/* ---- reading ---- */

const char *args_command(const Args *a) {
    return a->command->name;
}

size_t args_n(const Args *a) {
    return a->n;
}

const char *args_at(const Args *a, size_t i) {
    return i < a->n ? a->at[i] : NULL;
}

static size_t find(const Args *a, const char *name) {
    const Option *o = a->command->options;
    size_t i = 0;
    while (o[i].name != NULL && strcmp(o[i].name, name) != 0)
        i++;
    assert(o[i].name != NULL);
    return i;
}

bool args_flag(const Args *a, const char *name) {
    return a->given[find(a, name)].n > 0;
}

const char *args_text(const Args *a, const char *name) {
    size_t i = find(a, name), n = a->given[i].n;
    return n > 0 ? a->given[i].text[n - 1] : a->command->options[i].preset;
}

bool args_uint(const Args *a, const char *name, uint64_t max, uint64_t *ret, CvkErr *err) {
    const char *text = args_text(a, name);
    if (text == NULL) {
        *ret = 0;
        return true;
    }
    size_t n = strlen(text);
    uint64_t v = 0;
    bool ok = n > 0 && n <= 18 && strspn(text, "0123456789") == n;
    for (size_t i = 0; ok && i < n; i++)
        v = v * 10 + (uint64_t)(text[i] - '0');
    if (!ok || v > max)
        return cvk_fail(err, CVK_EBADREQ, "usage.number",
                        "--%s takes a number from 0 to %llu, not '%.40s'", name,
                        (unsigned long long)max, text);
    *ret = v;
    return true;
}

const char *const *args_list(const Args *a, const char *name) {
    return a->given[find(a, name)].text;
}

/* ---- help ---- */

/* Prints `text` from column `from`, breaking at spaces before `WIDTH`; further lines are indented
 * to the same column. */
static void put_wrapped(FILE *out, const char *text, int from) {
    int at = from;
    while (*text != '\0') {
        int word = (int)strcspn(text, " \n");
        if (at > from && at + 1 + word >= WIDTH) {
            fprintf(out, "\n%*s", from, "");
            at = from;
        }
        fprintf(out, "%s%.*s", at > from ? " " : "", word, text);
        at += word + (at > from);
        text += word;
        if (*text == '\n') {
            fprintf(out, "\n%*s", text[1] != '\0' && text[1] != '\n' ? from : 0, "");
            at = from;
            text++;
        } else if (*text == ' ') {
            text++;
        }
    }
    fputc('\n', out);
}

static void put_usage(FILE *out, const Subcommand *c) {
    const char *label = "usage:";
    for (const char *form = c->usage; form != NULL; label = "      ") {
        int n = (int)strcspn(form, "\n");
        fprintf(out, "%s convoke %s%s%.*s\n", label, c->name, n > 0 ? " " : "", n, form);
        form = form[n] == '\n' ? form + n + 1 : NULL;
    }
}

static void put_option(FILE *out, const Option *o) {
    fprintf(out, "  --%s%s%s", o->name, o->value != NULL ? " " : "",
            o->value != NULL ? o->value : "");
    fprintf(out, "\n      ");
    char text[1024];
    snprintf(text, sizeof text, "%s%s%s%s", o->meaning, o->preset != NULL ? " (default: " : "",
             o->preset != NULL ? o->preset : "", o->preset != NULL ? ")" : "");
    put_wrapped(out, text, 6);
}

static void put_lines(FILE *out, const char *title, const char *lines) {
    fprintf(out, "\n%s:\n", title);
    while (lines != NULL) {
        int n = (int)strcspn(lines, "\n");
        fprintf(out, "  %.*s\n", n, lines);
        lines = lines[n] == '\n' ? lines + n + 1 : NULL;
    }
}

static void put_exits(FILE *out, const Exits *e) {
    fprintf(out, "\nexit codes:\n");
    for (int code = 0; code < EXITS_N; code++) {
        const char *text = exits_text(e, (ExitCode)code);
        if (text == NULL)
            continue;
        fprintf(out, "  %d  ", code);
        put_wrapped(out, text, 5);
    }
}

void subcommand_help(const Subcommand *c, void *out) {
    fprintf(out, "convoke %s: %s\n\n", c->name, c->purpose);
    put_usage(out, c);
    if (c->about != NULL) {
        fputc('\n', out);
        put_wrapped(out, c->about, 0);
    }
    if (c->options[0].name != NULL)
        fprintf(out, "\noptions:\n");
    for (const Option *o = c->options; o->name != NULL; o++)
        put_option(out, o);
    put_lines(out, "examples", c->examples);
    put_exits(out, &c->exits);
}
