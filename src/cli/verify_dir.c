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
#include <sys/stat.h>

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

/* Those first with which others are compared. */
static size_t rank(const char *name) {
    static const char *const first[] = {"transcript.json", "participants.json", "journal.jsonl"};
    size_t i = 0;
    while (i < sizeof first / sizeof *first && strcmp(name, first[i]) != 0)
        i++;
    return i;
}

static int compare_names(const void *a, const void *b) {
    size_t ra = rank(a), rb = rank(b);
    return ra != rb ? (ra > rb) - (ra < rb) : strcmp(a, b);
}

static bool list_files(Export *x, CvkErr *err) {
    DIR *d = opendir(x->dir);
    if (d == NULL)
        return cvk_fail_errno(err, "dir.open", "cannot open '%s'", CVK_SHOWN(x->dir));
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

static FILE *open_file(const Export *x, const char *name, CvkErr *err) {
    char path[LIMIT_PATH];
    return cvk_path(path, x->dir, name, err) ? cvk_file_open_regular(path, false, err) : NULL;
}

static bool load_manifest(Export *x, CvkErr *err) {
    char text[MANIFEST_MAX + 1];
    FILE *f = open_file(x, "manifest.json", err);
    if (f == NULL)
        return false;
    size_t n = fread(text, 1, sizeof text, f);
    bool ok = ferror(f) == 0 || cvk_fail_errno(err, "file.read", "cannot read it");
    fclose(f);
    if (ok && n > MANIFEST_MAX)
        ok = cvk_fail(err, CVK_ELIMIT, "manifest.shape", "too long for a manifest");
    return ok && manifest_read(text, n, &x->manifest, err);
}

static void read_manifest(Export *x) {
    static const char name[] = "manifest.json";
    CvkErr err;
    x->has_manifest = load_manifest(x, &err);
    bool export = is_there(x, "transcript.json");
    if (!x->has_manifest)
        verify_tell_text(x->v, name, "manifest", export ? OUTCOME_INVALID : OUTCOME_UNUSABLE,
                         err.id, export ? "%s" : "%s (is this what 'ceremony export' wrote?)",
                         err.msg);
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
    r->has_root = m->has_root;
    memcpy(r->root, m->journal_root, sizeof r->root);
    r->entries = m->journal_entries;
    r->contributions = m->contributions;
    r->finalized = m->finalized;
}

/* What the manifest says, as far as it can be wrong without any file. */
static void check_manifest(Export *x, KzgSizes *ret_sizes) {
    static const char name[] = "manifest.json";
    static const char *const records[] = {"transcript.json", "definition.json", "journal.jsonl",
                                          "receipts.json"};
    if (!x->has_manifest)
        return;
    CvkErr err;
    if (!kzg_sizes_parse(x->manifest.sizes, ret_sizes, &err))
        verify_tell_text(x->v, name, "manifest", OUTCOME_INVALID, err.id, "%s", err.msg);
    else if (x->v->sizes == NULL)
        x->v->sizes = ret_sizes;
    else if (!kzg_sizes_equal(x->v->sizes, ret_sizes))
        verify_tell_text(x->v, name, "manifest", OUTCOME_INVALID, "manifest.sizes",
                         "it is about sizes %.200s, which are not those that you gave",
                         x->manifest.sizes);
    if (x->v->address != NULL && memcmp(x->v->address, x->expected.server, ETH_ADDRESS_BYTES) != 0)
        verify_tell_text(x->v, name, "manifest", OUTCOME_INVALID, "manifest.server",
                         "signed by %s, which is not the address that you gave",
                         x->manifest.server);
    for (size_t i = 0; i < sizeof records / sizeof *records; i++)
        if (listed(x, records[i]) == NULL)
            verify_tell_text(x->v, records[i], "file", OUTCOME_INVALID, "manifest.incomplete",
                             "the manifest does not list it, and no export is without it");
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

/* A size that is wrong is seen without reading the file, which may be huge. */
static void check_bytes(Export *x, FILE *f, const char *name) {
    const ManifestFile *m = listed(x, name);
    uint8_t sha256[SHA256_BYTES];
    uint64_t size;
    struct stat st;
    CvkErr err;
    if (m == NULL)
        return;
    if (fstat(fileno(f), &st) != 0) {
        cvk_fail_errno(&err, "file.read", "cannot read it");
        verify_tell_error(x->v, name, "file", &err);
    } else if ((uint64_t)st.st_size != m->size) {
        verify_tell_text(x->v, name, "file", OUTCOME_INVALID, "manifest.size",
                         "it has %lld bytes where the manifest says %llu", (long long)st.st_size,
                         (unsigned long long)m->size);
    } else if (!cvk_sha256_file(f, &size, sha256, &err)) {
        verify_tell_error(x->v, name, "file", &err);
    } else if (memcmp(sha256, m->sha256, sizeof sha256) != 0) {
        verify_tell_text(x->v, name, "file", OUTCOME_INVALID, "manifest.sha256",
                         "its bytes are not those that the manifest vouches for");
    }
    rewind(f);
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
    const KzgTranscriptWire *t = x->v->transcript;
    if (x->has_manifest && t != NULL && verify_faults(x->v) == faults_before &&
        t->n_ids - 1 != x->manifest.contributions) /* a valid one has an entry 0 */
        verify_tell_text(x->v, name, "transcript", OUTCOME_INVALID, "transcript.count",
                         "%zu contributions where the manifest says %llu", t->n_ids - 1,
                         (unsigned long long)x->manifest.contributions);
    if (verify_faults(x->v) != faults_before)
        x->v->transcript = kzg_transcript_wire_free(x->v->transcript);
}

static void check_participants(Export *x, FILE *f, const char *name, size_t faults_before) {
    verify_participants(x->v, f, name);
    x->v->nameless = verify_faults(x->v) != faults_before;
    if (x->v->nameless)
        x->v->n_openings = 0;
}

static void check_contents(Export *x, FILE *f, const char *name, size_t faults_before) {
    if (strcmp(name, "transcript.json") == 0)
        check_transcript(x, f, name, faults_before);
    else if (strcmp(name, "participants.json") == 0)
        check_participants(x, f, name, faults_before);
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
    CvkErr err;
    size_t before = verify_faults(x->v);
    FILE *f = open_file(x, name, &err);
    if (f == NULL) {
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
    check_manifest(x, &sizes);
    tell_manifest(x, before);
    for (size_t i = 0; i < x->n; i++)
        check_file(x, x->names[i]);
    for (size_t i = 0; x->v->receipts != NULL && x->v->receipts[i] != NULL; i++)
        verify_own_receipt(x->v, x->v->receipts[i], &x->expected);
    for (size_t i = 0; x->v->heads != NULL && x->v->heads[i] != NULL; i++)
        verify_own_head(x->v, x->v->heads[i], &x->expected);
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
