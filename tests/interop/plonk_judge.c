/* Says what the verifier plonk-zksync-era says of proofs, and by which steps, for a second opinion
 * to compare:
 *
 *     plonk_judge KEY EXPECT PROOF...
 *
 * prints for each proof its verdict, and of one that can be read, name and value of each step. */
#include "base/hex.h"
#include "format/plonk_proof.h"
#include "format/plonk_vkey.h"
#include "market/verifier.h"
#include "setup/plonk_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_MAX 65536

static size_t read_file(const char *path, char *ret, size_t cap) {
    FILE *f = fopen(path, "rb");
    if (f == NULL) {
        perror(path);
        exit(2);
    }
    size_t n = fread(ret, 1, cap, f);
    fclose(f);
    return n;
}

static void print_scalar(const char *name, const Fr *a) {
    uint8_t be[FR_BYTES];
    char hex[2 * FR_BYTES + 1];
    fr_to_be(curve_bn254(), a, be);
    cvk_hex_encode(be, sizeof be, hex);
    printf("%s 0x%s\n", name, hex);
}

static void print_point(const char *name, const Element *e) {
    uint8_t xy[2 * FR_BYTES];
    char hex[4 * FR_BYTES + 1];
    element_write(e, FORM_UNCOMPRESSED, xy);
    cvk_hex_encode(xy, sizeof xy, hex);
    printf("%s 0x%s\n", name, hex);
}

static void print_steps(const PlonkKey *k, const PlonkProof *p) {
    PlonkPlace at;
    plonk_place(p, &at);
    const PlonkChallenges *c = &at.challenge;
    const struct {
        const char *name;
        const Fr *value;
    } scalars[] = {{"eta", &c->eta},
                   {"beta", &c->beta},
                   {"gamma", &c->gamma},
                   {"lookup_beta", &c->lookup_beta},
                   {"lookup_gamma", &c->lookup_gamma},
                   {"alpha", &c->alpha},
                   {"z", &c->z},
                   {"v", &c->v},
                   {"u", &c->u},
                   {"z_to_n", &at.z_to_n},
                   {"first", &at.first},
                   {"last", &at.last},
                   {"before_last", &at.before_last}};
    for (size_t i = 0; i < sizeof scalars / sizeof *scalars; i++)
        print_scalar(scalars[i].name, scalars[i].value);
    PlonkPair pair = plonk_pair(k, p, &at);
    Element linear = plonk_linear(k, p, &at);
    printf("identities %d\n", plonk_quotient_holds(p, &at));
    print_point("linear", &linear);
    print_point("with_tau", &pair.with_tau);
    print_point("with_one", &pair.with_one);
}

static void judge(const Verifier *v, void *handle, const PlonkKey *k, const char *expect,
                  const char *path) {
    static const uint8_t sha256[32];
    const VerifierBatch batch = {.fd = -1, .sha256 = sha256, .name = path, .expect = expect};
    char proof[TEXT_MAX], why[VERIFIER_WHY_MAX] = "";
    const uint8_t *bytes = (const uint8_t *)proof;
    EraProof p;
    Verdict verdict;
    size_t n = read_file(path, proof, sizeof proof);
    ProofVerdict said = v->verify(handle, &batch, bytes, n, why);
    printf("verdict %s\nwhy %s\n", proof_verdict_name(said), why);
    if (plonk_proof_read(bytes, n, PLONK_PROOF_VERSION, &p, &verdict, NULL) && verdict.valid)
        print_steps(k, &p.plonk);
}

int main(int argc, char **argv) {
    char key[TEXT_MAX], expect[TEXT_MAX], params[TEXT_MAX + 16];
    const Verifier *v = verifier_find("plonk-zksync-era");
    void *handle;
    PlonkKey k;
    CvkErr err;
    if (argc < 4)
        return 2;
    size_t n = read_file(argv[1], key, sizeof key - 1);
    key[n] = '\0';
    expect[read_file(argv[2], expect, sizeof expect - 1)] = '\0';
    snprintf(params, sizeof params, "{\"vkey\":%s}", key);
    JsonMemory m = {.data = key, .n = n};
    JsonReader *r = json_reader_new(json_from_memory(&m), n, &err);
    if (r == NULL || !plonk_vkey_read(r, &k, &err) || !v->open(params, &handle, &err)) {
        fprintf(stderr, "%s\n", err.msg);
        return 2;
    }
    for (int i = 3; i < argc; i++)
        judge(v, handle, &k, expect, argv[i]);
    json_reader_free(r);
    v->close(handle);
    return 0;
}
