/* One document at a time: what is it, and does it hold? */
#include "base/file.h"
#include "base/rng.h"
#include "cli/progress.h"
#include "cli/say.h"
#include "cli/verify.h"
#include "format/kind.h"
#include "format/kzg_form.h"
#include "format/sections.h"
#include "format/trusted_setup.h"
#include "setup/kzg_verify.h"

#include <string.h>

/* ---- transcripts ---- */

static void tell_transcript(Verification *v, const char *shown, const TranscriptReport *r) {
    Finding f = {.file = shown, .kind = "transcript"};
    char contributions[48], sizes[KZG_SIZES_TEXT];
    f.id = report_transcript(r, f.text);
    if (r->verdict == TRANSCRIPT_VALID) {
        kzg_sizes_format(&r->sizes, sizes);
        snprintf(f.text, sizeof f.text,
                 "%s to powers %.120s: every point, pairing and key; %zu BLS and %zu ECDSA "
                 "signatures%s",
                 say_count(r->contributions, "contribution", contributions, sizeof contributions),
                 sizes, r->bls_signatures, r->ecdsa_signatures,
                 r->contributions == 0 ? " (nobody's secret is in it yet)" : "");
    } else {
        f.outcome = OUTCOME_INVALID;
        f.has_sub = r->verdict != TRANSCRIPT_BAD_IDENTITY && r->verdict != TRANSCRIPT_BAD_ECDSA;
        f.sub = r->sub + 1;
        f.has_index = true;
        f.index = r->verdict == TRANSCRIPT_BAD_POWERS ? r->powers.index : r->entry;
    }
    verify_tell(v, &f);
}

void verify_transcript(Verification *v, FILE *file, const char *shown) {
    KzgTranscriptWire *t;
    TranscriptReport report;
    uint8_t seed[CVK_SEED_BYTES];
    CvkErr err;
    if (!kzg_transcript_read(json_from_file(file), LIMIT_TRANSCRIPT, &t, &err)) {
        verify_tell_error(v, shown, "transcript", &err);
        return;
    }
    kzg_transcript_wire_free(v->transcript);
    v->transcript = t;
    cvk_random(seed, sizeof seed);
    Progress bar = progress_start("verifying the transcript", false, v->json);
    bool ok = kzg_transcript_verify(t, v->sizes, seed, v->pool, progress_to(&bar), &report, &err);
    progress_end(&bar);
    if (ok)
        tell_transcript(v, shown, &report);
    else
        verify_tell_error(v, shown, "transcript", &err);
}

/* ---- trusted setups ---- */

/* Where do these powers differ from the transcript's of the same size? True: nowhere. */
static bool same_powers(const KzgPowersWire *p, const TrustedSetupWire *t, const char **ret_list,
                        size_t *ret_index) {
    for (size_t i = 0; i < t->n_g1; i++)
        if (memcmp(p->g1[i], t->g1_monomial[i], KZG_G1_BYTES) != 0) {
            *ret_list = "g1_monomial";
            *ret_index = i;
            return false;
        }
    for (size_t i = 0; i < t->n_g2; i++)
        if (memcmp(p->g2[i], t->g2_monomial[i], KZG_G2_BYTES) != 0) {
            *ret_list = "g2_monomial";
            *ret_index = i;
            return false;
        }
    return true;
}

/* In a directory the setup must be that of its transcript. */
static bool hangs_together(Verification *v, const TrustedSetupWire *t, const char *shown) {
    const KzgTranscriptWire *transcript = v->transcript;
    const char *list;
    size_t index;
    if (!v->in_dir || transcript == NULL)
        return true;
    for (size_t i = 0; i < transcript->n; i++) {
        const KzgPowersWire *p = &transcript->subs[i].powers;
        if (p->n_g1 != t->n_g1 || p->n_g2 != t->n_g2)
            continue;
        if (same_powers(p, t, &list, &index))
            return true;
        verify_tell_text(v, shown, "trusted_setup", OUTCOME_INVALID, "not_the_transcripts",
                         "%s, point %zu: is not the transcript's", list, index);
        return false;
    }
    verify_tell_text(v, shown, "trusted_setup", OUTCOME_INVALID, "not_the_transcripts",
                     "the transcript has no sub-ceremony of this size");
    return false;
}

/* The sizes that a trusted setup may have: those asked for, else Ethereum's for its lengths (a
 * list of G2 points cut short is still one of powers), else any. */
static const KzgSizes *setup_sizes(const Verification *v, const TrustedSetupWire *t) {
    if (v->sizes != NULL)
        return v->sizes;
    for (size_t i = 0; i < KZG_SIZES_ETHEREUM.n; i++)
        if (KZG_SIZES_ETHEREUM.at[i].n_g1 == t->n_g1)
            return &KZG_SIZES_ETHEREUM;
    return NULL;
}

static void check_trusted_setup(Verification *v, const TrustedSetupWire *t, const char *shown) {
    Finding f = {.file = shown, .kind = "trusted_setup"};
    TrustedSetupReport report;
    uint8_t seed[CVK_SEED_BYTES];
    CvkErr err;
    cvk_random(seed, sizeof seed);
    if (!kzg_trusted_setup_verify(t, setup_sizes(v, t), seed, v->pool, &report, &err)) {
        verify_tell_error(v, shown, f.kind, &err);
        return;
    }
    f.id = report_trusted_setup(&report, f.text);
    if (report.verdict == TRUSTED_SETUP_WRONG_SIZE)
        snprintf(f.text, sizeof f.text,
                 "%zu G1 and %zu G2 points are no size that is expected (--sizes says which are)",
                 t->n_g1, t->n_g2);
    if (report.verdict != TRUSTED_SETUP_VALID) {
        f.outcome = OUTCOME_INVALID;
        f.has_index = report.verdict != TRUSTED_SETUP_WRONG_SIZE;
        f.index = report.verdict == TRUSTED_SETUP_BAD_POWERS ? report.powers.index : report.index;
    } else if (hangs_together(v, t, shown)) {
        snprintf(f.text, sizeof f.text,
                 "trusted setup of %zu G1 and %zu G2 points: powers of one secret, and their "
                 "Lagrange form",
                 t->n_g1, t->n_g2);
    } else {
        return;
    }
    verify_tell(v, &f);
}

void verify_trusted_setup(Verification *v, FILE *file, const char *shown) {
    TrustedSetupWire *t;
    CvkErr err;
    if (!trusted_setup_read(json_from_file(file), LIMIT_JSON_FILE, &t, &err)) {
        verify_tell_error(v, shown, "trusted_setup", &err);
        return;
    }
    check_trusted_setup(v, t, shown);
    trusted_setup_wire_free(t);
}

/* ---- contributions ---- */

static bool sizes_of(const KzgWire *w, KzgSizes *ret, CvkErr *err) {
    *ret = (KzgSizes){.n = w->n}; /* the reader let no more than LIMIT_KZG_SUBS through */
    for (size_t i = 0; i < w->n; i++)
        ret->at[i] = (KzgSize){.n_g1 = (uint32_t)w->subs[i].powers.n_g1,
                               .n_g2 = (uint32_t)w->subs[i].powers.n_g2};
    return kzg_sizes_check(ret, err);
}

/* Challenges are written like contributions whose secret is 1. Held against a base, such a document
 * is a contribution, and one without entropy. */
static bool is_challenge(const Verification *v, const KzgWire *w) {
    for (size_t i = 0; i < w->n; i++)
        if (memcmp(w->subs[i].pubkey, KZG_G2_GENERATOR, KZG_G2_BYTES) != 0)
            return false;
    return w->n > 0 && v->base == NULL;
}

static bool read_base(const Verification *v, const KzgSizes *sizes, KzgBase *ret, CvkErr *err) {
    KzgWire *w;
    FILE *f = fopen(v->base, "rb");
    if (f == NULL)
        return cvk_fail_errno(err, "file.open", "cannot open the base '%s'", CVK_SHOWN(v->base));
    bool ok = kzg_form_read(json_from_file(f), cvk_file_room(f, LIMIT_JSON_FILE), &w, err);
    fclose(f);
    if (!ok)
        return cvk_fail_prefix(err, "the base");
    ok = kzg_base_from_wire(w, sizes, ret, err);
    kzg_wire_free(w);
    return ok;
}

static bool judge(Verification *v, const KzgWire *w, const KzgSizes *sizes, KzgReport *ret,
                  CvkErr *err) {
    uint8_t seed[CVK_SEED_BYTES];
    KzgBase base;
    if (v->base != NULL && !read_base(v, sizes, &base, err))
        return false;
    cvk_random(seed, sizeof seed);
    if (v->base != NULL)
        return kzg_verify(&base, w, seed, v->pool, ret, err);
    if (is_challenge(v, w))
        return kzg_verify_challenge(sizes, w, seed, v->pool, NULL, ret, err);
    return kzg_verify_alone(sizes, w, seed, v->pool, ret, err);
}

static void tell_contribution(Verification *v, const char *shown, const KzgWire *w,
                              const KzgReport *r) {
    Finding f = {.file = shown, .kind = is_challenge(v, w) ? "challenge" : "contribution"};
    f.id = report_kzg(r, f.text);
    if (r->verdict != KZG_VALID) {
        f.outcome = OUTCOME_INVALID;
        f.has_sub = r->verdict != KZG_WRONG_NUM_SUBS;
        f.sub = r->sub + 1;
        f.has_index = r->verdict == KZG_BAD_G1_POINT || r->verdict == KZG_BAD_G2_POINT ||
                      r->verdict == KZG_G1_PAIRING || r->verdict == KZG_G2_PAIRING;
        f.index = r->index;
    } else if (is_challenge(v, w)) {
        snprintf(f.text, sizeof f.text,
                 "challenge of %zu sub-ceremonies: powers of one secret each (nobody's "
                 "contribution: its keys are 1)",
                 w->n);
    } else if (v->base != NULL) {
        snprintf(f.text, sizeof f.text, "contribution to %zu sub-ceremonies on top of that base",
                 w->n);
    } else {
        snprintf(f.text, sizeof f.text,
                 "contribution to %zu sub-ceremonies, taken alone (--base shows whether it extends "
                 "another)",
                 w->n);
    }
    verify_tell(v, &f);
}

void verify_contribution(Verification *v, FILE *file, const char *shown) {
    KzgWire *w;
    KzgSizes sizes;
    KzgReport report;
    CvkErr err;
    if (!kzg_form_read(json_from_file(file), cvk_file_room(file, LIMIT_JSON_FILE), &w, &err)) {
        verify_tell_error(v, shown, "contribution", &err);
        return;
    }
    bool ok = v->sizes != NULL || sizes_of(w, &sizes, &err);
    if (ok && judge(v, w, v->sizes != NULL ? v->sizes : &sizes, &report, &err))
        tell_contribution(v, shown, w, &report);
    else
        verify_tell_error(v, shown, "contribution", &err);
    kzg_wire_free(w);
}

/* ---- what is it? ---- */

static void verify_kind(Verification *v, FILE *f, DocumentKind kind, const char *shown) {
    switch (kind) {
    case KIND_CONTRIBUTION:
        verify_contribution(v, f, shown);
        return;
    case KIND_TRANSCRIPT:
        verify_transcript(v, f, shown);
        return;
    case KIND_TRUSTED_SETUP:
        verify_trusted_setup(v, f, shown);
        return;
    case KIND_RECEIPT:
        verify_tell_text(v, shown, "receipt", OUTCOME_UNUSABLE, "file.kind",
                         "a receipt: see 'convoke receipt verify'");
        return;
    case KIND_GROTH16:
        verify_tell_text(v, shown, "groth16", OUTCOME_UNUSABLE, "file.kind",
                         "a proof or its verification key: 'convoke groth16 verify VKEY PUBLIC "
                         "PROOF' checks them together");
        return;
    case KIND_UNKNOWN:
        break;
    }
    verify_tell_text(v, shown, "unknown", OUTCOME_UNUSABLE, "file.kind",
                     "neither a transcript nor a contribution nor a trusted setup");
}

/* Powers of tau and keys have commands of their own, as keys are checked against other files. */
static void name_command(Verification *v, const char *magic, const char *shown) {
    if (strcmp(magic, "ptau") == 0)
        verify_tell_text(v, shown, magic, OUTCOME_UNUSABLE, "file.kind",
                         "powers of tau: 'convoke ptau verify %.120s' checks them", shown);
    else if (strcmp(magic, "zkey") == 0)
        verify_tell_text(v, shown, magic, OUTCOME_UNUSABLE, "file.kind",
                         "a circuit's key: 'convoke zkey verify CIRCUIT.r1cs POWERS.ptau %.120s' "
                         "checks it",
                         shown);
    else
        verify_tell_text(v, shown, magic, OUTCOME_UNUSABLE, "file.kind",
                         "a .%s file: there is nothing in it that could be verified by itself",
                         magic);
}

/* NULL: it is of no such kind. */
static const char *magic_of(FILE *f) {
    uint8_t head[4] = {0};
    bool whole = fread(head, 1, sizeof head, f) == sizeof head;
    rewind(f);
    return whole ? section_magic(head) : NULL;
}

void verify_file(Verification *v, const char *path, const char *shown) {
    DocumentKind kind;
    CvkErr err;
    FILE *f = cvk_file_open_regular(path, true, &err);
    const char *magic = f != NULL ? magic_of(f) : NULL;
    if (magic != NULL) {
        name_command(v, magic, shown);
    } else if (f != NULL && document_kind(json_from_file(f), &kind, &err)) {
        rewind(f);
        verify_kind(v, f, kind, shown);
    } else {
        verify_tell_error(v, shown, "unknown", &err);
    }
    if (f != NULL)
        fclose(f);
}
