#include "cli/say.h"
#include "cli/verify.h"
#include "codec/json_write.h"

#include <stdarg.h>
#include <stdlib.h>

static const char *const words[] = {
    [OUTCOME_VALID] = "valid", [OUTCOME_INVALID] = "invalid", [OUTCOME_UNUSABLE] = "unusable"};

static void print_json(const Finding *f) {
    JsonWriter w = JSON_WRITER(json_to_file(stdout), 0);
    json_object_begin(&w);
    const char *const fields[][2] = {{"file", f->file},
                                     {"kind", f->kind},
                                     {"verdict", words[f->outcome]},
                                     {"id", f->id},
                                     {"message", f->text}};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        json_put_key(&w, fields[i][0]);
        json_put_str(&w, fields[i][1]);
    }
    if (f->has_sub) {
        json_put_key(&w, "sub_ceremony");
        json_put_uint(&w, f->sub);
    }
    if (f->has_index) {
        json_put_key(&w, "index");
        json_put_uint(&w, f->index);
    }
    json_object_end(&w);
    if (json_finish(&w, NULL)) /* main looks at stdout's state in the end */
        putchar('\n');
}

static void print_text(const Finding *f) {
    static const char *const loud[] = {
        [OUTCOME_VALID] = "valid", [OUTCOME_INVALID] = "INVALID", [OUTCOME_UNUSABLE] = "UNUSABLE"};
    say_result("%s: %s: %s", f->file, loud[f->outcome], f->text);
}

void verify_tell(Verification *v, const Finding *f) {
    v->invalid += f->outcome == OUTCOME_INVALID;
    v->unusable += f->outcome == OUTCOME_UNUSABLE;
    v->files += f->outcome == OUTCOME_VALID;
    if (v->json)
        print_json(f);
    else
        print_text(f);
    fflush(stdout);
}

void verify_tell_text(Verification *v, const char *file, const char *kind, Outcome outcome,
                      const char *id, const char *fmt, ...) {
    Finding f = {.file = file, .kind = kind, .outcome = outcome, .id = id};
    va_list args;
    va_start(args, fmt);
    vsnprintf(f.text, sizeof f.text, fmt, args);
    va_end(args);
    verify_tell(v, &f);
}

void verify_tell_error(Verification *v, const char *file, const char *kind, const CvkErr *err) {
    bool own_fault = err->code == CVK_EBADREQ || err->code == CVK_ELIMIT;
    verify_tell_text(v, file, kind, v->in_dir && own_fault ? OUTCOME_INVALID : OUTCOME_UNUSABLE,
                     err->id, "%s", err->msg);
}

void verify_done(Verification *v) {
    v->transcript = kzg_transcript_wire_free(v->transcript);
    free(v->openings);
    free(v->journal.accepted.items);
    free(v->journal.keys.items);
    v->openings = NULL;
    v->journal = (JournalFacts){0};
}

size_t verify_faults(const Verification *v) {
    return v->invalid + v->unusable;
}
