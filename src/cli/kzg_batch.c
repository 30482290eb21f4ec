#include "cli/kzg_batch.h"

#include "base/alloc.h"
#include "base/file.h"
#include "base/le.h"
#include "base/limits.h"
#include "base/rng.h"
#include "format/trusted_setup.h"
#include "setup/kzg_contribute.h"

#include <inttypes.h>
#include <string.h>

static bool read_setup(const char *path, TrustedSetupWire **ret, CvkErr *err) {
    FILE *f = cvk_file_open_regular(path, true, err);
    if (f == NULL)
        return false;
    bool ok = trusted_setup_read(json_from_file(f), LIMIT_JSON_FILE, ret, err);
    fclose(f);
    return ok || cvk_fail_named(err, path);
}

bool kzg_batch_setup(const char *path, CvkPool *pool, KzgPowers **ret_powers,
                     uint8_t ret_tau_g2[KZG_G2_BYTES], CvkErr *err) {
    TrustedSetupWire *t = NULL;
    if (!read_setup(path, &t, err))
        return false;
    bool ok = t->n_g2 > 1 || cvk_fail(err, CVK_EBADREQ, "kzg.setup", "it has one power in G2");
    if (ok)
        memcpy(ret_tau_g2, t->g2_monomial[1], KZG_G2_BYTES);
    ok = ok && kzg_opening_powers(t, pool, ret_powers, err);
    trusted_setup_wire_free(t);
    return ok || cvk_fail_named(err, path);
}

/* ---- a setup of one's own ---- */

static bool check_powers(const KzgPowersWire *wire, KzgSize size, CvkPool *pool, KzgPowers **ret,
                         CvkErr *err) {
    uint8_t seed[CVK_SEED_BYTES];
    KzgReport report;
    cvk_random(seed, sizeof seed);
    return kzg_powers_check(wire, size, seed, pool, ret, &report, err) &&
           (report.verdict == KZG_VALID ||
            cvk_fail(err, CVK_EINTERNAL, "kzg.setup", "powers of our own do not hold"));
}

/* What one contributor makes of the setup to which nobody has contributed. */
static bool contribute(const KzgSizes *sizes, CvkPool *pool, KzgWire **ret, CvkErr *err) {
    const CvkProgress unseen = {0};
    KzgWire *initial = kzg_wire_initial(sizes, err);
    KzgPowers *powers = NULL;
    KzgSecrets *secret = NULL;
    bool ok = initial != NULL &&
              check_powers(&initial->subs[0].powers, sizes->at[0], pool, &powers, err) &&
              (secret = kzg_secrets_new(1, "", 0, err)) != NULL &&
              kzg_contribute(&powers, 1, secret, NULL, NULL, pool, unseen, ret, err);
    kzg_secrets_free(secret);
    kzg_powers_free(powers);
    kzg_wire_free(initial);
    return ok;
}

static bool write_setup(const char *path, const TrustedSetupWire *t, CvkErr *err) {
    CvkFileOut out;
    if (!cvk_file_out_open(&out, path, 0644, err))
        return false;
    bool ok = trusted_setup_write_json(json_to_file(out.f), t, 1, err) &&
              (fputc('\n', out.f) != EOF || cvk_file_cannot(err, "file.write", "write", path));
    if (ok)
        return cvk_file_out_commit(&out, err);
    cvk_file_out_abandon(&out);
    return false;
}

bool kzg_batch_setup_new(const char *path, uint64_t n_g1, CvkPool *pool, CvkErr *err) {
    char text[48];
    const CvkProgress unseen = {0};
    KzgSizes sizes;
    KzgWire *made = NULL;
    KzgPowers *powers = NULL;
    TrustedSetupWire *setup = NULL;
    snprintf(text, sizeof text, "%" PRIu64 ",2", n_g1);
    bool ok = kzg_sizes_parse(text, &sizes, err) && contribute(&sizes, pool, &made, err) &&
              check_powers(&made->subs[0].powers, sizes.at[0], pool, &powers, err) &&
              kzg_lagrange(powers, pool, unseen, &setup, err) && write_setup(path, setup, err);
    trusted_setup_wire_free(setup);
    kzg_powers_free(powers);
    kzg_wire_free(made);
    return ok;
}

/* ---- batches ---- */

uint8_t *kzg_batch_new(uint64_t seed, uint64_t i, size_t most, size_t *ret_n, CvkErr *err) {
    static const char label[] = "convoke market batch generate";
    uint8_t text[sizeof label + 8], key[CVK_SEED_BYTES], chance[8];
    memcpy(text, label, sizeof label);
    cvk_put_le64(seed, text + sizeof label);
    cvk_sha256(text, sizeof text, key);
    cvk_stream(key, 2 * i, chance, sizeof chance);
    size_t least = most / 2 > 0 ? most / 2 : 1;
    size_t n = FR_BYTES * (least + (size_t)(cvk_le64(chance) % (most - least + 1)));
    uint8_t *bytes = cvk_alloc(n, 1, err);
    if (bytes == NULL)
        return NULL;
    cvk_stream(key, 2 * i + 1, bytes, n);
    for (size_t k = 0; k < n; k += FR_BYTES)
        bytes[k] &= 0x3f; /* below r, whose first byte is 0x73 */
    *ret_n = n;
    return bytes;
}
