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

/* The beginnings after which a next word can be told: none, "market", "market batch". */
typedef struct {
    const char *text;
    size_t n;
} Words;

/* Where the word that follows stands in a name; NULL: none does. */
static const char *next_word(const Command *c, Words after) {
    const char *name = c->command->name;
    if (after.n == 0)
        return name;
    return strncmp(name, after.text, after.n) == 0 && name[after.n] == ' ' ? name + after.n + 1
                                                                           : NULL;
}

/* Its first n bytes up to the blank after word number `i`, from 0; false: there is none. */
static bool beginning(const Command *c, unsigned i, Words *ret) {
    const char *name = c->command->name;
    size_t n = 0;
    for (; i > 0; i--) {
        n += strcspn(name + n, " ") + 1;
        if (name[n - 1] == '\0')
            return false;
    }
    *ret = (Words){name, n > 0 ? n - 1 : 0};
    return true;
}

/* Is c the first of the table whose name goes on after these words? Its next word, of n bytes, may
 * also be asked for (`word`): the first with this word, too. */
static bool is_first(const Command *table, const Command *c, Words after, bool word,
                     size_t *ret_n) {
    const char *mine = next_word(c, after);
    if (mine == NULL)
        return false;
    *ret_n = strcspn(mine, " ");
    for (const Command *before = table; before < c; before++) {
        const char *other = next_word(before, after);
        if (other != NULL &&
            (!word || (strcspn(other, " ") == *ret_n && strncmp(other, mine, *ret_n) == 0)))
            return false;
    }
    return true;
}

/* Calls fn for every beginning, once. */
static void each_beginning(const Command *table, FILE *out,
                           void (*fn)(FILE *out, const Command *table, Words after)) {
    size_t n;
    Words after;
    for (unsigned i = 0; i < COMMAND_WORDS_MAX; i++)
        for (const Command *c = table; c->command != NULL; c++)
            if (beginning(c, i, &after) && is_first(table, c, after, false, &n))
                fn(out, table, after);
}

static void put_next_words(FILE *out, const Command *table, Words after) {
    size_t n;
    const char *between = "";
    for (const Command *c = table; c->command != NULL; c++)
        if (is_first(table, c, after, true, &n)) {
            fprintf(out, "%s%.*s", between, (int)n, next_word(c, after));
            between = " ";
        }
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

static void put_bash_beginning(FILE *out, const Command *table, Words after) {
    fprintf(out, "    '%.*s ') words='", (int)after.n, after.text);
    put_next_words(out, table, after);
    fputs("' ;;\n", out);
}

void completion_bash(const Command *table, void *out) {
    fputs("# bash completion of convoke, written by 'convoke completion bash'\n"
          "_convoke() {\n"
          "    local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}\n"
          "    local typed=\"${COMP_WORDS[*]:1:COMP_CWORD-1} \" command= options= words= kind=\n"
          "    COMPREPLY=()\n"
          "    case $typed in\n",
          out);
    each_beginning(table, out, put_bash_beginning);
    /* some words begin names and are one: options belong to that */
    fputs("    esac\n    case $current in -*) words= ;; esac\n    if [ -n \"$words\" ]; then\n"
          "        COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n        return\n    fi\n"
          "    case $typed in\n",
          out);
    for (const Command *c = table; c->command != NULL; c++) {
        fprintf(out, "    '%s '*) command='%s' options='", c->command->name, c->command->name);
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

/* What may follow, for _describe. */
static void put_zsh_beginning(FILE *out, const Command *table, Words after) {
    size_t n;
    fprintf(out, "    '%.*s ') list=(\n", (int)after.n, after.text);
    for (const Command *c = table; c->command != NULL; c++)
        if (is_first(table, c, after, true, &n)) {
            const char *word = next_word(c, after);
            fprintf(out, "        '%.*s:", (int)n, word);
            put_sentence(out, word[n] == ' ' ? "several commands" : c->command->purpose);
            fputs("'\n", out);
        }
    fputs("        ) ;;\n", out);
}

void completion_zsh(const Command *table, void *out) {
    fputs("#compdef convoke\n# zsh completion of convoke, written by 'convoke completion zsh'\n"
          "_convoke() {\n    local -a list\n"
          "    local typed=\"${(j: :)words[2,CURRENT-1]} \"\n    case $typed in\n",
          out);
    each_beginning(table, out, put_zsh_beginning);
    fputs("    esac\n    if (( $#list )) && [[ $words[CURRENT] != -* ]]; then\n"
          "        _describe command list\n        return\n    fi\n    case $typed in\n",
          out);
    for (const Command *c = table; c->command != NULL; c++) {
        fprintf(out, "    '%s '*)\n        _arguments '*:file:_files'", c->command->name);
        for (const Option *o = c->command->options; o->name != NULL; o++)
            put_zsh_option(out, o);
        fputs(" ;;\n", out);
    }
    fputs("    esac\n}\nif [ \"$funcstack[1]\" = _convoke ]; then\n    _convoke \"$@\"\nelse\n"
          "    compdef _convoke convoke\nfi\n",
          out);
}

/* ---- fish ---- */

static void put_fish_option(FILE *out, const Subcommand *c, const Option *o) {
    fprintf(out, "complete -c convoke -n '__convoke_in %s' -l %s", c->name, o->name);
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

static void put_fish_beginning(FILE *out, const Command *table, Words after) {
    fprintf(out, "complete -c convoke -n '__convoke_at%s%.*s' -x -a '", after.n > 0 ? " " : "",
            (int)after.n, after.text);
    put_next_words(out, table, after);
    fputs("'\n", out);
}

void completion_fish(const Command *table, void *out) {
    fputs("# fish completion of convoke, written by 'convoke completion fish'\n"
          "function __convoke_typed\n"
          "    set -l words (commandline -opc)\n    set -e words[1]\n    echo \"$words \"\nend\n"
          "function __convoke_at\n    test (__convoke_typed) = \"$argv \"\nend\n"
          "function __convoke_in\n    string match -q -- \"$argv *\" (__convoke_typed)\nend\n",
          out);
    each_beginning(table, out, put_fish_beginning);
    for (const Command *c = table; c->command != NULL; c++)
        for (const Option *o = c->command->options; o->name != NULL; o++)
            put_fish_option(out, c->command, o);
}
