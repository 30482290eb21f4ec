#include "fuzz/fuzz.h"
#include "run/backup_list.h"

/* Nothing that is named lies outside the backup. */
static bool is_within(void *ctx, const BackupFile *f, CvkErr *err) {
    BackupReport *report = ctx;
    (void)err;
    assert(f->path[0] != '\0' && f->path[0] != '/' && strstr(f->path, "..") == NULL);
    assert(strlen(f->path) < sizeof f->path);
    assert(report->n <= LIMIT_CEREMONIES);
    return true;
}

void fuzz_one(const uint8_t *data, size_t n) {
    JsonMemory m = {.data = (const char *)data, .n = n};
    BackupReport report;
    if (backup_list_parse(json_from_memory(&m), &report, is_within, &report, NULL))
        for (size_t i = 0; i < report.n; i++)
            assert(memchr(report.ceremony[i].name, 0, sizeof report.ceremony[i].name) != NULL);
}
