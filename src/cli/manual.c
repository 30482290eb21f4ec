#include "cli/manual.h"

#include <stdio.h>
#include <string.h>

/* The lines of a text one after another: the length of the first, and where the next begins. */
static const char *take_line(const char *text, int *ret_n) {
    *ret_n = (int)strcspn(text, "\n");
    return text[*ret_n] == '\n' ? text + *ret_n + 1 : NULL;
}

static char upper(char c) {
    return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

/* ---- roff ---- */

/* Text in which nothing is a request or an escape, and hyphens can be pasted into a shell. */
static void put_roff(FILE *out, const char *text, int n) {
    if (n > 0 && (text[0] == '.' || text[0] == '\''))
        fputs("\\&", out);
    for (int i = 0; i < n; i++) {
        if (text[i] == '\\')
            fputs("\\e", out);
        else if (text[i] == '-')
            fputs("\\-", out);
        else
            fputc(text[i], out);
    }
}

static void put_roff_text(FILE *out, const char *text) {
    put_roff(out, text, (int)strlen(text));
}

/* An empty line begins a paragraph, any other break a line. */
static void put_roff_paragraphs(FILE *out, const char *text) {
    int n, n_before = 0;
    for (const char *line = text, *next; line != NULL; line = next) {
        next = take_line(line, &n);
        if (n == 0)
            fputs(".PP", out);
        else if (n_before > 0)
            fputs(".br\n", out);
        put_roff(out, line, n);
        fputc('\n', out);
        n_before = n;
    }
}

static void put_roff_lines(FILE *out, const char *before, const char *text) {
    int n;
    fputs(".PP\n.nf\n", out);
    for (const char *line = text, *next; line != NULL; line = next) {
        next = take_line(line, &n);
        fputs(before, out);
        put_roff(out, line, n);
        fputc('\n', out);
    }
    fputs(".fi\n", out);
}

static void put_roff_option(FILE *out, const Option *o) {
    fputs(".TP\n\\fB", out);
    put_roff_text(out, "--");
    put_roff_text(out, o->name);
    fputs("\\fR", out);
    if (o->value != NULL) {
        fputs(" \\fI", out);
        put_roff_text(out, o->value);
        fputs("\\fR", out);
    }
    fputc('\n', out);
    put_roff_paragraphs(out, o->meaning);
    if (o->preset != NULL) {
        fputs("Default: \\fB", out);
        put_roff_text(out, o->preset);
        fputs("\\fR\n", out);
    }
}

static void put_roff_exits(FILE *out, const Exits *e) {
    for (int code = 0; code < EXITS_N; code++) {
        const char *text = exits_text(e, (ExitCode)code);
        if (text == NULL)
            continue;
        fprintf(out, ".TP\n\\fB%d\\fR\n", code);
        put_roff_text(out, text);
        fputc('\n', out);
    }
}

static void put_roff_command(FILE *out, const Subcommand *c) {
    char before[96];
    fprintf(out, ".SS convoke %s\n", c->name);
    put_roff_text(out, c->purpose);
    fputc('\n', out);
    snprintf(before, sizeof before, "convoke %s%s", c->name, c->usage[0] != '\0' ? " " : "");
    put_roff_lines(out, before, c->usage);
    if (c->about != NULL) {
        fputs(".PP\n", out);
        put_roff_paragraphs(out, c->about);
    }
    for (const Option *o = c->options; o->name != NULL; o++)
        put_roff_option(out, o);
    fputs(".PP\nExit status:\n", out);
    put_roff_exits(out, &c->exits);
    fputs(".PP\nExamples:\n", out);
    put_roff_lines(out, "    ", c->examples);
}

void manual_man(const Command *table, void *out) {
    fputs(".TH CONVOKE 1 \"\" \"convoke " CONVOKE_VERSION
          "\"\n.SH NAME\nconvoke \\- ceremonies of many hands, none of which has to be "
          "trusted\n.SH SYNOPSIS\n.B convoke\n.I command\n.RI [ arguments ]\n.SH DESCRIPTION\n",
          out);
    put_roff_text(out, commands_about);
    fputs("\nOptions may stand anywhere among the arguments; \\fB\\-\\-\\fR ends them, and "
          "\\fB\\-\\-help\\fR belongs to every command.\n.SH EXIT STATUS\n",
          out);
    for (int code = 0; code < EXITS_N; code++) {
        fprintf(out, ".TP\n\\fB%d\\fR\n", code);
        put_roff_text(out, exit_meanings[code]);
        fputc('\n', out);
    }
    for (const Command *c = table; c->command != NULL; c++) {
        if (c->who != NULL) {
            fputs(".SH ", out);
            for (const char *at = c->who; *at != '\0'; at++)
                fputc(upper(*at), out);
            fputc('\n', out);
        }
        put_roff_command(out, c->command);
    }
}

/* ---- Markdown ---- */

/* What Markdown would take for a mark is escaped. A table's cell is one line. */
static void put_marked(FILE *out, const char *text, bool cell) {
    for (; *text != '\0'; text++) {
        if (strchr("\\`*_<>[]|#", *text) != NULL)
            fputc('\\', out);
        if (cell && *text == '\n')
            fputs("<br>", out);
        else
            fputc(*text, out);
    }
}

/* `code`, of one line. */
static void put_code(FILE *out, const char *before, const char *text) {
    fprintf(out, "`%s%s`", before, text);
}

static void put_block(FILE *out, const char *before, const char *text) {
    int n;
    fputs("```\n", out);
    for (const char *line = text, *next; line != NULL; line = next) {
        next = take_line(line, &n);
        fprintf(out, "%s%.*s\n", before, n, line);
    }
    fputs("```\n", out);
}

static void put_marked_options(FILE *out, const Option *o) {
    if (o->name != NULL)
        fputs("\n| option | meaning |\n| --- | --- |\n", out);
    for (; o->name != NULL; o++) {
        fprintf(out, "| `--%s", o->name);
        for (const char *v = o->value != NULL ? o->value : ""; *v != '\0'; v++)
            fprintf(out, "%s%s%c", v == o->value ? " " : "", *v == '|' ? "\\" : "", *v);
        fputs("` | ", out);
        put_marked(out, o->meaning, true);
        if (o->preset != NULL) {
            fputs(" Default: ", out);
            put_code(out, "", o->preset);
        }
        fputs(" |\n", out);
    }
}

static void put_marked_exits(FILE *out, const Exits *e) {
    fputs("\nEnds with ", out);
    bool any = false;
    for (int code = 0; code < EXITS_N; code++) {
        const char *text = exits_text(e, (ExitCode)code);
        if (text == NULL)
            continue;
        fprintf(out, "%s%d: ", any ? "; " : "", code);
        put_marked(out, text, false);
        any = true;
    }
    fputs(".\n", out);
}

static void put_marked_command(FILE *out, const Subcommand *c) {
    char before[96];
    fprintf(out, "\n### convoke %s\n\n", c->name);
    put_marked(out, c->purpose, false);
    fputs("\n\n", out);
    snprintf(before, sizeof before, "convoke %s%s", c->name, c->usage[0] != '\0' ? " " : "");
    put_block(out, before, c->usage);
    if (c->about != NULL) {
        fputc('\n', out);
        put_marked(out, c->about, false);
        fputc('\n', out);
    }
    put_marked_options(out, c->options);
    put_marked_exits(out, &c->exits);
    fputc('\n', out);
    put_block(out, "", c->examples);
}

void manual_markdown(const Command *table, void *out) {
    fputs("# The command line\n\n<!-- written by `convoke help --markdown`: change the tables in "
          "src/cli -->\n\n",
          out);
    put_marked(out, commands_about, false);
    fputs(
        "\nOptions may stand anywhere among the arguments; `--` ends them, and `--help` belongs "
        "to every\ncommand. `man convoke` says the same as this page.\n\n## Exit codes\n\n| code | "
        "meaning |\n| --- | --- |\n",
        out);
    for (int code = 0; code < EXITS_N; code++)
        fprintf(out, "| %d | %s |\n", code, exit_meanings[code]);
    fputs("\nEvery command keeps to these; what they mean of one in particular stands with it.\n",
          out);
    for (const Command *c = table; c->command != NULL; c++) {
        if (c->who != NULL)
            fprintf(out, "\n## %c%s\n", upper(c->who[0]), c->who + 1);
        put_marked_command(out, c->command);
    }
}
