/* backup and restore: copies of a server's directory, and directories made from them. */
#include "base/alloc.h"
#include "base/clock.h"
#include "cli/progress.h"
#include "cli/say.h"
#include "cli/subcommands.h"
#include "codec/json_write.h"
#include "run/backup.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>

static void put_made(JsonWriter *w, int64_t made_ms) {
    char text[CVK_TIME_TEXT];
    cvk_time_format(made_ms, text);
    json_put_key(w, "made");
    json_put_str(w, text);
}

/* The beginning of a ceremony's object, which the caller ends. */
static void put_ceremony(JsonWriter *w, const BackupCeremony *c) {
    json_object_begin(w);
    json_put_key(w, "ceremony");
    json_put_str(w, c->name);
    json_field_uint(w, "entries", c->entries);
    json_field_uint(w, "contributions", c->contributions);
    json_put_key(w, "root");
    json_put_hex(w, c->root, sizeof c->root);
}

static bool end_json(JsonWriter *w, CvkErr *err) {
    json_object_end(w);
    return json_finish(w, err) && putchar('\n') != EOF;
}

static const char *tell_ceremony(const BackupCeremony *c, char ret[160]) {
    const bool market = backup_is_experiment(c);
    char count[48], events[48];
    snprintf(
        ret, 160, "%s '%.63s': %s, %s in the journal", market ? "experiment" : "ceremony", c->name,
        say_count(c->contributions, market ? "submission" : "contribution", count, sizeof count),
        say_count(c->entries, "event", events, sizeof events));
    return ret;
}

/* ---- backup ---- */

static const Option backup_options[] = {
    {"json", NULL, NULL, "Print one JSON object."},
    {NULL, NULL, NULL, NULL},
};

static bool backup_json(const BackupReport *r, CvkErr *err) {
    JsonWriter w = JSON_WRITER(json_to_file(stdout), 0);
    json_object_begin(&w);
    put_made(&w, r->made_ms);
    json_field_uint(&w, "files", r->files);
    json_field_uint(&w, "bytes", r->bytes);
    json_put_key(&w, "ceremonies");
    json_array_begin(&w);
    for (size_t i = 0; i < r->n; i++) {
        put_ceremony(&w, &r->ceremony[i]);
        json_object_end(&w);
    }
    json_array_end(&w);
    return end_json(&w, err);
}

static void backup_text(const BackupReport *r, const char *dir, const char *out) {
    char line[160], files[32];
    say_result("%s holds all of %s: %s, %.1f MB", out, dir,
               say_count(r->files, "file", files, sizeof files), (double)r->bytes / 1e6);
    for (size_t i = 0; i < r->n; i++)
        say_result("  %s", tell_ceremony(&r->ceremony[i], line));
    say_step("it holds the server's key too: keep it as secret as %s, and elsewhere", dir);
    say_step("a directory is made from it by: convoke restore %s NEW-DIR", out);
}

static int run_backup(const Args *args) {
    const char *dir = args_at(args, 0), *out = args_at(args, 1);
    CvkErr err;
    BackupReport *r = cvk_alloc(1, sizeof *r, &err);
    if (r == NULL)
        return say_error("backup", &err);
    signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is an error like a full disk */
    Progress p = progress_start("copying", false, false);
    bool ok = node_backup(dir, out, cvk_wall_ms(), r, progress_to(&p), &err);
    progress_end(&p);
    if (ok && args_flag(args, "json"))
        ok = backup_json(r, &err);
    else if (ok)
        backup_text(r, dir, out);
    free(r);
    return ok ? EXIT_DONE : say_error("backup", &err);
}

const Subcommand CLI_BACKUP = {
    .name = "backup",
    .purpose = "copy a directory while it is served",
    .usage = "DIR OUT [--json]",
    .about =
        "OUT, a new or empty directory, gets the database as it is at one moment, every accepted "
        "contribution, the server's key and settings, and backup.json with the sha256 of each. "
        "The server goes on meanwhile. The whole journal is checked on the way, so a backup that "
        "was made is one that can be restored.\n"
        "\n"
        "Whatever is accepted after the backup is not in it: make one often, and keep it on "
        "another "
        "disk.",
    .options = backup_options,
    .examples = "convoke backup ceremony-2026 /mnt/backup/2026-11-21",
    .args_min = 2,
    .args_max = 2,
    .run = run_backup,
};

/* ---- restore ---- */

static const Option restore_options[] = {
    {"salvage", "DAMAGED", NULL,
     "The damaged directory: what it has beyond the backup, and what is damaged in the backup, is "
     "taken from there. It must not be served, and stays as it is."},
    {"json", NULL, NULL, "Print one JSON object."},
    {NULL, NULL, NULL, NULL},
};

static void put_salvaged(JsonWriter *w, const Salvaged *s) {
    json_field_uint(w, "taken_entries", s->taken_entries);
    json_field_uint(w, "taken_contributions", s->taken_contributions);
    json_field_uint(w, "lost_entries", s->lost_entries);
    json_field_uint(w, "lost_contributions", s->lost_contributions);
    json_field_uint(w, "lost_identities", s->lost_parts);
    json_field_uint(w, "lost_files", s->lost_blobs);
}

static bool restore_json(const RestoreReport *r, bool salvaged, CvkErr *err) {
    JsonWriter w = JSON_WRITER(json_to_file(stdout), 0);
    json_object_begin(&w);
    put_made(&w, r->backup.made_ms);
    bool known = salvaged && !r->database_lost; /* else: what came after `made` is missing */
    for (size_t i = 0; i < r->n; i++)
        known = known && !r->salvaged[i].unclear;
    json_put_key(&w, "loss_known");
    json_put_bool(&w, known);
    json_field_uint(&w, "files_repaired", r->files_repaired);
    json_put_key(&w, "sessions_whole");
    json_put_bool(&w, r->tables_whole);
    json_put_key(&w, "ceremonies");
    json_array_begin(&w);
    for (size_t i = 0; i < r->n; i++) {
        put_ceremony(&w, &r->ceremony[i]);
        put_salvaged(&w, &r->salvaged[i]);
        json_put_key(&w, "response_waits");
        json_put_bool(&w, r->waits[i]);
        json_object_end(&w);
    }
    json_array_end(&w);
    return end_json(&w, err);
}

static void tell_salvaged(const RestoreReport *r, size_t i, const char *damaged) {
    const Salvaged *s = &r->salvaged[i];
    const char *name = r->ceremony[i].name;
    char contributions[48], events[48];
    say_result(
        "  taken from %s: %s, %s", damaged,
        say_count(s->taken_contributions, "contribution", contributions, sizeof contributions),
        say_count(s->taken_entries, "event", events, sizeof events));
    if (s->lost_entries != 0 || s->lost_contributions != 0)
        say_result(
            "  LOST: the last %s and %s that were in %s; people may hold receipts for them",
            say_count(s->lost_contributions, "contribution", contributions, sizeof contributions),
            say_count(s->lost_entries, "event", events, sizeof events), damaged);
    if (s->unclear)
        say_result("  how much more was in %s cannot be told: it is too damaged", damaged);
    if (s->lost_parts != 0)
        say_result(
            "  it ends where somebody joined '%s': who it was is lost, and nothing can follow",
            name);
    if (s->lost_blobs != 0)
        say_result("  LOST: the files of %" PRIu64 " contributions before the newest; the "
                   "transcript has all it needs",
                   s->lost_blobs);
}

static void restore_text(const RestoreReport *r, const char *dir, const char *damaged) {
    char line[160], made[CVK_TIME_TEXT];
    cvk_time_format(r->backup.made_ms, made);
    say_result("%s is ready; the backup is of %s", dir, made);
    for (size_t i = 0; i < r->n; i++) {
        say_result("  %s", tell_ceremony(&r->ceremony[i], line));
        if (damaged != NULL && !r->database_lost)
            tell_salvaged(r, i, damaged);
        if (r->waits[i])
            say_result("  a response waits there; it will be verified when %s is served", dir);
    }
    if (r->files_repaired != 0)
        say_result("  %" PRIu64 " damaged files of the backup were taken from %s",
                   r->files_repaired, damaged);
    if (!r->tables_whole)
        say_result("  LOST: some invitations or sessions: such people must be invited again");
    if (damaged != NULL && r->database_lost)
        say_result("  LOST: all that was accepted after %s: nothing of the database in %s can be "
                   "read",
                   made, damaged);
    if (damaged == NULL)
        say_step("what was accepted after %s is not in it: if the old directory is still there, "
                 "--salvage takes over what can be read",
                 made);
    say_step(
        "next: convoke serve %s; never serve the old directory again, or there are two journals",
        dir);
}

static int run_restore(const Args *args) {
    const char *dir = args_at(args, 1), *damaged = args_text(args, "salvage");
    CvkErr err;
    RestoreReport *r = cvk_alloc(1, sizeof *r, &err);
    if (r == NULL)
        return say_error("restore", &err);
    signal(SIGXFSZ, SIG_IGN);
    Progress p = progress_start("checking", false, false);
    bool ok = node_restore(args_at(args, 0), dir, damaged, r, progress_to(&p), &err);
    progress_end(&p);
    if (ok && args_flag(args, "json"))
        ok = restore_json(r, damaged != NULL, &err);
    else if (ok)
        restore_text(r, dir, damaged);
    free(r);
    return ok ? EXIT_DONE : say_error("restore", &err);
}

const Subcommand CLI_RESTORE = {
    .name = "restore",
    .purpose = "make a directory from a backup",
    .usage = "BACKUP DIR [--salvage DAMAGED] [--json]",
    .about =
        "DIR, a new or empty directory, is what the server's was when the backup was made. Every "
        "file is checked, and every event of the journal is replayed; on any fault nothing is left "
        "of DIR.\n"
        "\n"
        "What was accepted after the backup is lost, though people hold receipts for it, unless "
        "the damaged directory still has it: with --salvage each entry that extends the journal is "
        "taken over from there, with its contribution. It says what was taken and what is lost.",
    .options = restore_options,
    .examples = "convoke restore /mnt/backup/2026-11-21 ceremony-new\n"
                "convoke restore /mnt/backup/2026-11-21 ceremony-new --salvage ceremony-2026",
    .exits = {{[EXIT_DONE] = "DIR is ready; what is lost is told",
               [EXIT_UNUSABLE] = "not done, and nothing is left of DIR"}},
    .args_min = 2,
    .args_max = 2,
    .run = run_restore,
};
