#include "base/buf.h"
#include "base/clock.h"
#include "cli/operator.h"
#include "cli/say.h"
#include "cli/subcommands.h"
#include "codec/json_write.h"
#include "run/collect.h"

#include <inttypes.h>
#include <stdio.h>

#define JSON_MAX ((size_t)1 << 30) /* some nine million files */

static const Option options[] = {
    {"remove", NULL, NULL, "Delete them. No server may run on DIR."},
    {"json", NULL, NULL, "Print one JSON object: files (path, bytes), bytes, young, removed."},
    {NULL, NULL, NULL, NULL},
};

static bool tell(void *ctx, const char *name, uint64_t size, CvkErr *err) {
    (void)ctx;
    (void)err;
    say_result("%s  %" PRIu64 " bytes", name, size);
    return true;
}

static bool tell_json(void *ctx, const char *name, uint64_t size, CvkErr *err) {
    JsonWriter *w = ctx;
    (void)err;
    json_object_begin(w);
    json_field_str(w, "path", name);
    json_field_uint(w, "bytes", size);
    json_object_end(w);
    return true;
}

/* Printed when all of it is known: half an object is none. */
static bool collect_json(Node *node, bool remove, CvkErr *err) {
    _cleanup_buf_ CvkBuf text = CVK_BUF(JSON_MAX);
    JsonWriter w = JSON_WRITER(json_to_buf(&text), 0);
    CollectReport r;
    json_object_begin(&w);
    json_put_key(&w, "files");
    json_array_begin(&w);
    if (!node_collect(node, cvk_wall_ms(), remove, tell_json, &w, &r, err))
        return false;
    json_array_end(&w);
    json_field_uint(&w, "bytes", r.bytes);
    json_field_uint(&w, "young", r.young);
    json_put_key(&w, "removed");
    json_put_bool(&w, remove);
    json_object_end(&w);
    return json_finish(&w, err) && puts(cvk_buf_str(&text)) != EOF;
}

static bool collect_text(Node *node, bool remove, CvkErr *err) {
    CollectReport r;
    char files[48];
    if (!node_collect(node, cvk_wall_ms(), remove, tell, NULL, &r, err))
        return false;
    say_result("%s %s of %" PRIu64 " bytes", remove ? "removed:" : "named by nothing:",
               say_count(r.files, "file", files, sizeof files), r.bytes);
    if (!remove && r.files != 0)
        say_step("stop the server, and 'convoke gc --remove' deletes them");
    return true;
}

static int run(const Args *args) {
    bool remove = args_flag(args, "remove");
    Node *node;
    CvkErr err;
    if (!operator_open(args, &node, &err))
        return say_error("gc", &err);
    bool ok = args_flag(args, "json") ? collect_json(node, remove, &err)
                                      : collect_text(node, remove, &err);
    node_close(node);
    return ok ? EXIT_DONE : say_error("gc", &err);
}

const Subcommand CLI_GC = {
    .name = "gc",
    .purpose = "find files in a directory's blobs/ that nothing names, and delete them",
    .usage = "DIR [--remove] [--json]",
    .about = "A crash between a file and its entry, an import that fails, and of two submissions "
             "that race the one that loses leave a file behind. It harms nothing but takes room. "
             "Lists those of all ceremonies and experiments in DIR; with --remove deletes them. "
             "Files of the last day are left alone, as somebody may be about to name them. What a "
             "backup would take is never touched; where a journal or a table is damaged nothing "
             "is done.",
    .options = options,
    .examples = "convoke gc market-2026\n"
                "convoke gc market-2026 --remove",
    .exits = {{[EXIT_DONE] = "done; it says what there was",
               [EXIT_UNUSABLE] = "not done; standard error says why"}},
    .args_min = 1,
    .args_max = 1,
    .run = run,
};
