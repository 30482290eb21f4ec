#include "cli/answer.h"

#include "cli/hash_block.h"
#include "cli/say.h"

#include <stdio.h>

void answer_json_facts(const Answer *a, JsonWriter *w) {
    *w = JSON_WRITER(json_to_file(stdout), 0);
    json_object_begin(w);
    json_field_str(w, "file", a->file);
    json_field_str(w, "kind", a->kind);
}

static void begin(const Answer *a, const char *verdict, const char *id, const char *message,
                  JsonWriter *w) {
    answer_json_facts(a, w);
    json_field_str(w, "verdict", verdict);
    json_field_str(w, "id", id);
    json_field_str(w, "message", message);
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
        begin(a, "valid", "valid", "valid", w);
        return;
    }
    begin(a, "invalid", v->id, v->text, w);
    if (v->section != 0) {
        json_field_uint(w, "section", v->section);
        json_field_uint(w, "offset", v->offset);
    }
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
        say_result("%s: INVALID: %s", a->file, v->text);
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
        begin(a, "unusable", err->id, err->msg, &w);
        answer_json_done(&w);
    }
    return say_error(a->kind, err);
}
