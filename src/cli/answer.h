/* The answer of a command that checks or makes a file, for people or (--json) for programs: one
 * object with file, kind, verdict (valid, invalid, unusable), id and message; of a fault that has a
 * place also section, offset and contribution. A fault names the file that it is in, whichever the
 * command is about. */
#pragma once

#include "cli/exits.h"
#include "codec/json_write.h"
#include "setup/verdict.h"

#define OPTION_JSON                                                                                \
    {                                                                                              \
        "json", NULL, NULL,                                                                        \
            "Print one JSON object: file, kind, verdict (valid, invalid, unusable), id, message, " \
            "where there is a place section, offset and contribution, and what else there is to "  \
            "tell."                                                                                \
    }

typedef struct {
    const char *path; /* as given */
    const char *kind; /* "ptau" */
} AnswerFile;

#define ANSWER_OTHERS 3
typedef struct {
    const char *file; /* whose answer it is */
    const char *kind;
    bool json;
    AnswerFile others[ANSWER_OTHERS]; /* that the command reads or writes: a fault in one is its */
} Answer;

/* Prints "FILE: valid", or "FILE: INVALID: why" (`v`), or the object; EXIT_DONE or EXIT_INVALID. */
int answer_verdict(const Answer *a, const Verdict *v);
/* There is no answer: says why on standard error (and in the object); EXIT_UNUSABLE. */
int answer_error(const Answer *a, const CvkErr *err);

/* Hashes that a command leads to: what people read above the four lines, and the name for programs
 * (NULL: not for them). */
typedef struct {
    const char *title, *key;
    const uint8_t *hash; /* BLAKE2B_BYTES */
} NamedHash;

/* answer_verdict, but for people who are told that it worked by its hashes alone. */
int answer_hashes(const Answer *a, const Verdict *v, const NamedHash *hashes, size_t n);

/* For more fields: the object with what stands above, still open; then what else belongs in it;
 * then the end, which gives the exit code of `v`. */
void answer_json_begin(const Answer *a, const Verdict *v, JsonWriter *w);
int answer_json_end(JsonWriter *w, const Verdict *v);

/* Where nothing is judged: the object with file and kind, still open; and its end (EXIT_DONE). */
void answer_json_facts(const Answer *a, JsonWriter *w);
int answer_json_done(JsonWriter *w);
