#include "cli/completion.h"

#include <stdio.h>
#include <string.h>

/* What an option's value is, by the word that its help has for it. */
typedef enum {
    VALUE_NONE = 0, /* it is a flag */
    VALUE_CHOICE,   /* "yes|no": one of these */
    VALUE_DIR,
    VALUE_FILE,
    VALUE_OTHER
} ValueKind;

static ValueKind value_kind(const Option *o) {
    if (o->value == NULL)
        return VALUE_NONE;
    if (strchr(o->value, '|') != NULL &&
        strspn(o->value, "abcdefghijklmnopqrstuvwxyz-|") == strlen(o->value))
        return VALUE_CHOICE;
    if (strstr(o->value, "FILE") != NULL)
        return VALUE_FILE;
    return strstr(o->value, "DIR") != NULL ? VALUE_DIR : VALUE_OTHER;
}

/* The choices with blanks between. */
static void put_choices(FILE *out, const char *value) {
    for (; *value != '\0'; value++)
        fputc(*value == '|' ? ' ' : *value, out);
}

/* The first sentence, within single quotes: of zsh (where colons and brackets mean something, too)
 * and of fish. */
static void put_sentence(FILE *out, const char *text) {
    for (; *text != '\0' && !(text[0] == '.' && (text[1] == ' ' || text[1] == '\0')); text++) {
        if (*text == '\n')
            fputc(' ', out);
        else if (strchr("'\\[]:", *text) == NULL)
            fputc(*text, out);
    }
}

/* "ceremony" of "ceremony new"; is it the first of its group in the table? */
static bool begins_word(const Command *table, const Command *c, int *ret_n) {
    *ret_n = (int)strcspn(c->command->name, " ");
    for (const Command *before = table; before < c; before++)
        if (strncmp(before->command->name, c->command->name, (size_t)*ret_n) == 0 &&
            strcspn(before->command->name, " ") == (size_t)*ret_n)
            return false;
    return true;
}

static void put_first_words(FILE *out, const Command *table) {
    int n;
    for (const Command *c = table; c->command != NULL; c++)
        if (begins_word(table, c, &n))
            fprintf(out, "%s%.*s", c == table ? "" : " ", n, c->command->name);
}

static void put_second_words(FILE *out, const Command *table, const char *first, int n) {
    for (const Command *c = table; c->command != NULL; c++)
        if (strncmp(c->command->name, first, (size_t)n) == 0 && c->command->name[n] == ' ')
            fprintf(out, " %s", c->command->name + n + 1);
}

/* ---- bash ---- */

static void put_bash_values(FILE *out, const Subcommand *c) {
    for (const Option *o = c->options; o->name != NULL; o++) {
        switch (value_kind(o)) {
        case VALUE_NONE:
            break;
        case VALUE_CHOICE:
            fprintf(out, "    '%s --%s') words='", c->name, o->name);
            put_choices(out, o->value);
            fputs("' ;;\n", out);
            break;
        case VALUE_DIR:
            fprintf(out, "    '%s --%s') kind=-d ;;\n", c->name, o->name);
            break;
        case VALUE_FILE:
            fprintf(out, "    '%s --%s') kind=-f ;;\n", c->name, o->name);
            break;
        case VALUE_OTHER:
            fprintf(out, "    '%s --%s') kind=none ;;\n", c->name, o->name);
            break;
        }
    }
}

void completion_bash(const Command *table, void *out) {
    int n;
    fputs("# bash completion of convoke, written by 'convoke completion bash'\n"
          "_convoke() {\n"
          "    local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}\n"
          "    local command=${COMP_WORDS[1]} options= words= kind=\n"
          "    COMPREPLY=()\n"
          "    if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
          "        COMPREPLY=($(compgen -W '",
          out);
    put_first_words(out, table);
    fputs("' -- \"$current\"))\n        return\n    fi\n    case $command in\n", out);
    for (const Command *c = table; c->command != NULL; c++)
        if (strchr(c->command->name, ' ') != NULL && begins_word(table, c, &n)) {
            fprintf(out, "    %.*s) words='", n, c->command->name);
            put_second_words(out, table, c->command->name, n);
            fputs("'; command=\"$command ${COMP_WORDS[2]}\" ;;\n", out);
        }
    fputs("    esac\n    if [ \"$COMP_CWORD\" -eq 2 ] && [ -n \"$words\" ]; then\n"
          "        COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n        return\n    fi\n"
          "    words=\n    case $command in\n",
          out);
    for (const Command *c = table; c->command != NULL; c++) {
        fprintf(out, "    '%s') options='", c->command->name);
        for (const Option *o = c->command->options; o->name != NULL; o++)
            fprintf(out, "--%s ", o->name);
        fputs("--help' ;;\n", out);
    }
    fputs("    esac\n    case \"$command $before\" in\n", out);
    for (const Command *c = table; c->command != NULL; c++)
        put_bash_values(out, c->command);
    fputs("    *)\n        kind=-f\n        case $current in -*) words=$options ;; esac ;;\n    "
          "esac\n"
          "    if [ -n \"$words\" ]; then\n"
          "        COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
          "    elif [ \"$kind\" != none ]; then\n"
          "        compopt -o filenames 2> /dev/null\n"
          "        local IFS=$'\\n'\n"
          "        COMPREPLY=($(compgen $kind -- \"$current\"))\n"
          "    fi\n}\ncomplete -F _convoke convoke\n",
          out);
}

/* ---- zsh ---- */

static void put_zsh_option(FILE *out, const Option *o) {
    fprintf(out, " \\\n            '*--%s[", o->name);
    put_sentence(out, o->meaning);
    fputc(']', out);
    switch (value_kind(o)) {
    case VALUE_NONE:
        break;
    case VALUE_CHOICE:
        fputs(":value:(", out);
        put_choices(out, o->value);
        fputc(')', out);
        break;
    case VALUE_DIR:
        fputs(":directory:_files -/", out);
        break;
    case VALUE_FILE:
        fputs(":file:_files", out);
        break;
    case VALUE_OTHER:
        fputs(":value: ", out);
        break;
    }
    fputc('\'', out);
}

/* The commands of a word (or, `first` NULL, the first words of all), for _describe. */
static void put_zsh_list(FILE *out, const Command *table, const char *first, int n) {
    int word;
    for (const Command *c = table; c->command != NULL; c++) {
        const char *name = c->command->name;
        if (first == NULL ? !begins_word(table, c, &word)
                          : strncmp(name, first, (size_t)n) != 0 || name[n] != ' ')
            continue;
        bool group = first == NULL && name[word] == ' ';
        fprintf(out, "        '%.*s:", first == NULL ? word : 64,
                first == NULL ? name : name + n + 1);
        put_sentence(out, group ? "several commands" : c->command->purpose);
        fputs("'\n", out);
    }
}

void completion_zsh(const Command *table, void *out) {
    int n;
    fputs("#compdef convoke\n# zsh completion of convoke, written by 'convoke completion zsh'\n"
          "_convoke() {\n    local -a list\n    local command=$words[2]\n    list=(\n",
          out);
    put_zsh_list(out, table, NULL, 0);
    fputs("    )\n    if (( CURRENT == 2 )); then\n        _describe command list\n        return\n"
          "    fi\n    list=()\n    case $command in\n",
          out);
    for (const Command *c = table; c->command != NULL; c++)
        if (strchr(c->command->name, ' ') != NULL && begins_word(table, c, &n)) {
            fprintf(out, "    %.*s) list=(\n", n, c->command->name);
            put_zsh_list(out, table, c->command->name, n);
            fputs("        ); command=\"$command $words[3]\" ;;\n", out);
        }
    fputs("    esac\n    if (( CURRENT == 3 )) && (( $#list )); then\n"
          "        _describe command list\n        return\n    fi\n    case $command in\n",
          out);
    for (const Command *c = table; c->command != NULL; c++) {
        fprintf(out, "    '%s')\n        _arguments '*:file:_files'", c->command->name);
        for (const Option *o = c->command->options; o->name != NULL; o++)
            put_zsh_option(out, o);
        fputs(" ;;\n", out);
    }
    fputs("    esac\n}\nif [ \"$funcstack[1]\" = _convoke ]; then\n    _convoke \"$@\"\nelse\n"
          "    compdef _convoke convoke\nfi\n",
          out);
}

/* ---- fish ---- */

/* fish: a condition under which a line counts. `name` has one word or two. */
static void put_fish_condition(FILE *out, const char *name) {
    int n = (int)strcspn(name, " ");
    fprintf(out, "complete -c convoke -n '__fish_seen_subcommand_from %.*s", n, name);
    if (name[n] != '\0')
        fprintf(out, "; and __fish_seen_subcommand_from %s", name + n + 1);
    fputc('\'', out);
}

static void put_fish_option(FILE *out, const Subcommand *c, const Option *o) {
    put_fish_condition(out, c->name);
    fprintf(out, " -l %s", o->name);
    switch (value_kind(o)) {
    case VALUE_NONE:
        break;
    case VALUE_CHOICE:
        fputs(" -x -a '", out);
        put_choices(out, o->value);
        fputc('\'', out);
        break;
    case VALUE_DIR:
        fputs(" -x -a '(__fish_complete_directories)'", out);
        break;
    case VALUE_FILE:
        fputs(" -r", out);
        break;
    case VALUE_OTHER:
        fputs(" -x", out);
        break;
    }
    fputs(" -d '", out);
    put_sentence(out, o->meaning);
    fputs("'\n", out);
}

void completion_fish(const Command *table, void *out) {
    int n;
    fputs("# fish completion of convoke, written by 'convoke completion fish'\n"
          "complete -c convoke -n __fish_use_subcommand -x -a '",
          out);
    put_first_words(out, table);
    fputs("'\n", out);
    for (const Command *c = table; c->command != NULL; c++) {
        const char *name = c->command->name;
        if (strchr(name, ' ') != NULL && begins_word(table, c, &n)) {
            fprintf(out,
                    "complete -c convoke -n '__fish_seen_subcommand_from %.*s; and not "
                    "__fish_seen_subcommand_from",
                    n, name);
            put_second_words(out, table, name, n);
            fputs("' -x -a '", out);
            put_second_words(out, table, name, n);
            fputs("'\n", out);
        }
        for (const Option *o = c->command->options; o->name != NULL; o++)
            put_fish_option(out, c->command, o);
    }
}
