#include "cli/answer.h"

#include "cli/hash_block.h"
#include "cli/say.h"

#include <stdio.h>
#include <string.h>

static bool is_at(const char *path, const CvkPlace *place) {
    return path != NULL && strcmp(CVK_SHOWN(path), place->file) == 0;
}

/* The file that a place is in, as it was given. */
static AnswerFile file_at(const Answer *a, const CvkPlace *place) {
    const AnswerFile own = {a->file, a->kind};
    if (place->file[0] == '\0' || is_at(a->file, place))
        return own;
    for (size_t i = 0; i < ANSWER_OTHERS; i++)
        if (is_at(a->others[i].path, place))
            return a->others[i];
    return (AnswerFile){place->file, a->kind};
}

static void put_file(const AnswerFile *file, JsonWriter *w) {
    *w = JSON_WRITER(json_to_file(stdout), 0);
    json_object_begin(w);
    json_field_str(w, "file", file->path);
    json_field_str(w, "kind", file->kind);
}

void answer_json_facts(const Answer *a, JsonWriter *w) {
    put_file(&(AnswerFile){a->file, a->kind}, w);
}

/* With an answer, or why there is none. */
static void put_answer(const Answer *a, const char *verdict, const char *id, const char *message,
                       const CvkPlace *place, JsonWriter *w) {
    const AnswerFile file = file_at(a, place);
    put_file(&file, w);
    json_field_str(w, "verdict", verdict);
    json_field_str(w, "id", id);
    json_field_str(w, "message", message);
    if (place->section != 0)
        json_field_uint(w, "section", place->section);
    if (place->exact)
        json_field_uint(w, "offset", place->offset);
}

int answer_json_done(JsonWriter *w) {
    json_object_end(w);
    if (json_finish(w, NULL)) /* main looks at stdout's state in the end */
        putchar('\n');
    fflush(stdout);
    return EXIT_DONE;
}

void answer_json_begin(const Answer *a, const Verdict *v, JsonWriter *w) {
    if (v->valid) {
        const CvkPlace nowhere = cvk_place(NULL);
        put_answer(a, "valid", "valid", "valid", &nowhere, w);
        return;
    }
    put_answer(a, "invalid", v->id, v->text, &v->place, w);
    if (v->contribution != 0)
        json_field_uint(w, "contribution", v->contribution);
}

int answer_json_end(JsonWriter *w, const Verdict *v) {
    answer_json_done(w);
    return v->valid ? EXIT_DONE : EXIT_INVALID;
}

int answer_verdict(const Answer *a, const Verdict *v) {
    if (a->json) {
        JsonWriter w;
        answer_json_begin(a, v, &w);
        return answer_json_end(&w, v);
    }
    if (v->valid)
        say_result("%s: valid", a->file);
    else
        say_result("%s: INVALID: %s", file_at(a, &v->place).path, v->text);
    return v->valid ? EXIT_DONE : EXIT_INVALID;
}

int answer_hashes(const Answer *a, const Verdict *v, const NamedHash *hashes, size_t n) {
    JsonWriter w;
    if (!v->valid)
        return answer_verdict(a, v);
    for (size_t i = 0; i < n && !a->json; i++)
        say_hash(hashes[i].title, hashes[i].hash);
    if (!a->json)
        return EXIT_DONE;
    answer_json_begin(a, v, &w);
    for (size_t i = 0; i < n; i++)
        if (hashes[i].key != NULL)
            json_field_hex(&w, hashes[i].key, hashes[i].hash, BLAKE2B_BYTES);
    return answer_json_end(&w, v);
}

int answer_error(const Answer *a, const CvkErr *err) {
    if (a->json) {
        JsonWriter w;
        put_answer(a, "unusable", err->id, err->msg, &err->place, &w);
        answer_json_done(&w);
    }
    return say_error(file_at(a, &err->place).kind, err);
}
