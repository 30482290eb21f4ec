#include "cli/answer.h"

#include "cli/say.h"

#include <stdio.h>

static void put_str(JsonWriter *w, const char *key, const char *value) {
    json_put_key(w, key);
    json_put_str(w, value);
}

static void put_uint(JsonWriter *w, const char *key, uint64_t value) {
    json_put_key(w, key);
    json_put_uint(w, value);
}

static void begin(const Answer *a, const char *verdict, const char *id, const char *message,
                  JsonWriter *w) {
    *w = JSON_WRITER(json_to_file(stdout), 0);
    json_object_begin(w);
    put_str(w, "file", a->file);
    put_str(w, "kind", a->kind);
    put_str(w, "verdict", verdict);
    put_str(w, "id", id);
    put_str(w, "message", message);
}

static void end(JsonWriter *w) {
    json_object_end(w);
    if (json_finish(w, NULL)) /* main looks at stdout's state in the end */
        putchar('\n');
    fflush(stdout);
}

void answer_json_begin(const Answer *a, const Verdict *v, JsonWriter *w) {
    if (v->valid) {
        begin(a, "valid", "valid", "valid", w);
        return;
    }
    begin(a, "invalid", v->id, v->text, w);
    if (v->section != 0) {
        put_uint(w, "section", v->section);
        put_uint(w, "offset", v->offset);
    }
    if (v->contribution != 0)
        put_uint(w, "contribution", v->contribution);
}

void answer_json_hash(JsonWriter *w, const char *key, const uint8_t *hash, size_t n) {
    json_put_key(w, key);
    json_put_hex(w, hash, n);
}

int answer_json_end(JsonWriter *w, const Verdict *v) {
    end(w);
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
        say_result("%s: INVALID: %s", a->file, v->text);
    return v->valid ? EXIT_DONE : EXIT_INVALID;
}

int answer_error(const Answer *a, const CvkErr *err) {
    if (a->json) {
        JsonWriter w;
        begin(a, "unusable", err->id, err->msg, &w);
        end(&w);
    }
    return say_error(a->kind, err);
}
