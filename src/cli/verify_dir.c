/* An exported directory: the manifest and its signature, the bytes of every file against it, every
 * file's own truth, and the files against each other. */
#include "algebra/eth_key.h"
#include "base/file.h"
#include "base/hex.h"
#include "base/sha256.h"
#include "cli/say.h"
#include "cli/verify.h"
#include "format/manifest.h"
#include "setup/kzg_wire.h"

#include <dirent.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define FILES_MAX 256

typedef struct {
    Verification *v;
    const char *dir;
    bool has_manifest;
    Manifest manifest;
    RecordsExpected expected;
    char names[FILES_MAX][NAME_MAX + 1]; /* what lies there, without the manifest; sorted */
    size_t n;
} Export;

/* ---- what lies there ---- */

/* The transcript first: others are compared with it. */
static int compare_names(const void *a, const void *b) {
    bool ta = strcmp(a, "transcript.json") == 0, tb = strcmp(b, "transcript.json") == 0;
    return ta != tb ? (int)tb - (int)ta : strcmp(a, b);
}

static bool list_files(Export *x, CvkErr *err) {
    DIR *d = opendir(x->dir);
    if (d == NULL)
        return cvk_fail_errno(err, "dir.open", "cannot open '%.120s'", x->dir);
    bool ok = true;
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): nobody else reads this DIR */
    for (struct dirent *e; ok && (e = readdir(d)) != NULL;) {
        if (e->d_name[0] == '.' || strcmp(e->d_name, "manifest.json") == 0)
            continue;
        if (x->n == FILES_MAX)
            ok = cvk_fail(err, CVK_ELIMIT, "dir.many", "more than %d files: this is no export",
                          FILES_MAX);
        else
            snprintf(x->names[x->n++], sizeof x->names[0], "%s", e->d_name);
    }
    closedir(d);
    qsort(x->names, x->n, sizeof x->names[0], compare_names);
    return ok;
}

static bool is_there(const Export *x, const char *name) {
    for (size_t i = 0; i < x->n; i++)
        if (strcmp(x->names[i], name) == 0)
            return true;
    return false;
}

static const ManifestFile *listed(const Export *x, const char *name) {
    for (size_t i = 0; x->has_manifest && i < x->manifest.n_files; i++)
        if (strcmp(x->manifest.files[i].name, name) == 0)
            return &x->manifest.files[i];
    return NULL;
}

/* ---- the manifest ---- */

static void read_manifest(Export *x) {
    static const char name[] = "manifest.json";
    char path[LIMIT_PATH];
    CvkBuf text = CVK_BUF(MANIFEST_MAX);
    CvkErr err;
    x->has_manifest = cvk_path(path, x->dir, name, &err) && cvk_file_read(path, &text, &err) &&
                      manifest_read(cvk_buf_str(&text), text.n, &x->manifest, &err);
    cvk_buf_done(&text);
    if (!x->has_manifest)
        verify_tell_text(x->v, name, "manifest",
                         is_there(x, "transcript.json") ? OUTCOME_INVALID : OUTCOME_UNUSABLE,
                         err.id, "%s", err.msg);
}

static void expect_from_manifest(Export *x) {
    const Manifest *m = &x->manifest;
    const ManifestFile *definition = listed(x, "definition.json");
    if (!x->has_manifest)
        return;
    RecordsExpected *r = &x->expected;
    r->known = eth_address_parse(m->server, r->server);
    if (definition != NULL)
        memcpy(r->definition, definition->sha256, sizeof r->definition);
    memcpy(r->head, m->journal_head, sizeof r->head);
    r->entries = m->journal_entries;
    r->contributions = m->contributions;
    r->finalized = m->finalized;
}

static void tell_manifest(Export *x, size_t faults_before) {
    const Manifest *m = &x->manifest;
    char count[48];
    if (x->has_manifest && verify_faults(x->v) == faults_before)
        verify_tell_text(x->v, "manifest.json", "manifest", OUTCOME_VALID, "valid",
                         "%s of ceremony '%s' (%s), signed by %s",
                         say_count(m->n_files, "file", count, sizeof count), m->ceremony,
                         m->finalized ? "finalized" : "open", m->server);
}

/* Files that are listed and absent, or there and not listed. */
static void check_names(Export *x) {
    for (size_t i = 0; x->has_manifest && i < x->manifest.n_files; i++)
        if (!is_there(x, x->manifest.files[i].name))
            verify_tell_text(x->v, x->manifest.files[i].name, "file", OUTCOME_INVALID,
                             "manifest.missing", "the manifest lists it and it is not there");
    for (size_t i = 0; x->has_manifest && i < x->n; i++)
        if (listed(x, x->names[i]) == NULL)
            verify_tell_text(x->v, x->names[i], "file", OUTCOME_INVALID, "manifest.unlisted",
                             "the manifest does not list it: nobody vouches for it");
}

/* ---- one file ---- */

static bool hash_file(FILE *f, uint64_t *ret_size, uint8_t ret[SHA256_BYTES], CvkErr *err) {
    CvkSha256 *h = cvk_sha256_new(err);
    char piece[65536];
    *ret_size = 0;
    for (size_t n; h != NULL && (n = fread(piece, 1, sizeof piece, f)) != 0; *ret_size += n)
        cvk_sha256_add(h, piece, n);
    if (h != NULL)
        cvk_sha256_finish(h, ret);
    cvk_sha256_free(h);
    if (h != NULL && ferror(f))
        return cvk_fail_errno(err, "file.read", "cannot read it");
    rewind(f);
    return h != NULL;
}

static void check_bytes(Export *x, FILE *f, const char *name) {
    const ManifestFile *m = listed(x, name);
    uint8_t sha256[SHA256_BYTES];
    uint64_t size;
    CvkErr err;
    if (!hash_file(f, &size, sha256, &err))
        verify_tell_error(x->v, name, "file", &err);
    else if (m != NULL && size != m->size)
        verify_tell_text(x->v, name, "file", OUTCOME_INVALID, "manifest.size",
                         "it has %llu bytes where the manifest says %llu", (unsigned long long)size,
                         (unsigned long long)m->size);
    else if (m != NULL && memcmp(sha256, m->sha256, sizeof sha256) != 0)
        verify_tell_text(x->v, name, "file", OUTCOME_INVALID, "manifest.sha256",
                         "its bytes are not those that the manifest vouches for");
}

/* Files with nothing to compute: their bytes are what counts. */
static void tell_bytes(Export *x, const char *name) {
    bool definition = strcmp(name, "definition.json") == 0;
    verify_tell_text(x->v, name, definition ? "definition" : "file", OUTCOME_VALID, "valid", "%s",
                     definition ? "the rules that the journal begins with"
                                : "the bytes that the manifest vouches for");
}

/* Others are held against the transcript only while nothing is wrong with it: a fault is told where
 * it is, not everywhere that it shows. */
static void check_transcript(Export *x, FILE *f, const char *name, size_t faults_before) {
    verify_transcript(x->v, f, name);
    if (verify_faults(x->v) != faults_before)
        x->v->transcript = kzg_transcript_wire_free(x->v->transcript);
}

static void check_contents(Export *x, FILE *f, const char *name, size_t faults_before) {
    if (strcmp(name, "transcript.json") == 0)
        check_transcript(x, f, name, faults_before);
    else if (strcmp(name, "journal.jsonl") == 0)
        verify_journal(x->v, f, name, &x->expected);
    else if (strcmp(name, "receipts.json") == 0)
        verify_receipts(x->v, f, name, &x->expected);
    else if (strncmp(name, "trusted_setup", 13) == 0)
        verify_trusted_setup(x->v, f, name);
    else if (verify_faults(x->v) == faults_before && listed(x, name) != NULL)
        tell_bytes(x, name);
}

static void check_file(Export *x, const char *name) {
    char path[LIMIT_PATH];
    CvkErr err;
    size_t before = verify_faults(x->v);
    if (!cvk_path(path, x->dir, name, &err)) {
        verify_tell_error(x->v, name, "file", &err);
        return;
    }
    FILE *f = fopen(path, "rb");
    if (f == NULL) {
        cvk_fail_errno(&err, "file.open", "cannot open it");
        verify_tell_error(x->v, name, "file", &err);
        return;
    }
    check_bytes(x, f, name);
    check_contents(x, f, name, before);
    fclose(f);
}

/* ---- the whole ---- */

static void verify_export(Export *x) {
    size_t before = verify_faults(x->v);
    KzgSizes sizes;
    read_manifest(x);
    if (!x->has_manifest && !is_there(x, "transcript.json"))
        return; /* this is no export */
    check_names(x);
    expect_from_manifest(x);
    if (x->has_manifest && x->v->sizes == NULL && kzg_sizes_parse(x->manifest.sizes, &sizes, NULL))
        x->v->sizes = &sizes;
    tell_manifest(x, before);
    for (size_t i = 0; i < x->n; i++)
        check_file(x, x->names[i]);
    x->v->sizes = x->v->sizes == &sizes ? NULL : x->v->sizes;
}

void verify_dir(Verification *v, const char *dir) {
    CvkErr err;
    Export *x = calloc(1, sizeof *x);
    if (x == NULL)
        cvk_fail(&err, CVK_EINTERNAL, "memory.short", "no memory");
    else
        *x = (Export){.v = v, .dir = dir};
    v->in_dir = true;
    if (x == NULL || !list_files(x, &err))
        verify_tell_error(v, dir, "export", &err);
    else
        verify_export(x);
    free(x);
}
