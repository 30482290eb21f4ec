#include "support/test.h"

#include "support/kzg_fixture.h"

#include "base/alloc.h"
#include "base/hex.h"

json_t *fixture_json(const char *name) {
    const char *source = getenv("CONVOKE_SOURCE");
    char path[4096];
    json_error_t why;
    snprintf(path, sizeof path, "%s/%s", source != NULL ? source : ".", name);
    json_t *j = json_load_file(path, 0, &why);
    if (j == NULL)
        print_error("%s: %s\n", path, why.text);
    assert_non_null(j);
    return j;
}

const char *fixture_text(const json_t *object, const char *key) {
    const char *text = json_string_value(json_object_get(object, key));
    assert_non_null(text);
    return text;
}

/* False: not exactly 0x and 2n lower-case digits. */
static bool take_hex(const json_t *j, size_t n, uint8_t *ret) {
    const char *text = json_string_value(j);
    return text != NULL && strlen(text) == 2 + 2 * n && strncmp(text, "0x", 2) == 0 &&
           cvk_hex_decode(text + 2, n, ret);
}

void fixture_hex(const char *text, size_t n, uint8_t *ret) {
    assert_true(strncmp(text, "0x", 2) == 0 && strlen(text) % 2 == 0);
    size_t given = strlen(text) / 2 - 1;
    assert_true(given <= n);
    memset(ret, 0, n - given);
    assert_true(cvk_hex_decode(text + 2, given, ret + n - given));
}

static bool is_absent(const json_t *j) {
    return j == NULL || json_is_null(j) || json_string_length(j) == 0;
}

static bool take_bls(const json_t *j, KzgBlsWire *ret) {
    ret->present = !is_absent(j);
    return !ret->present || take_hex(j, KZG_G1_BYTES, ret->bytes);
}

static bool take_ecdsa(const json_t *j, KzgEcdsaWire *ret) {
    ret->present = !is_absent(j);
    return !ret->present || take_hex(j, KZG_ECDSA_BYTES, ret->bytes);
}

static bool take_points(const json_t *list, size_t size, uint8_t *ret) {
    bool ok = true;
    for (size_t i = 0; i < json_array_size(list); i++)
        ok = ok && take_hex(json_array_get(list, i), size, ret + i * size);
    return ok;
}

static bool take_powers(const json_t *object, KzgPowersWire *ret) {
    const json_t *powers = json_object_get(object, "powersOfTau");
    const json_t *g1 = json_object_get(powers, "G1Powers");
    const json_t *g2 = json_object_get(powers, "G2Powers");
    assert_true(kzg_powers_wire_alloc(ret, json_array_size(g1), json_array_size(g2), NULL));
    return json_integer_value(json_object_get(object, "numG1Powers")) == (json_int_t)ret->n_g1 &&
           json_integer_value(json_object_get(object, "numG2Powers")) == (json_int_t)ret->n_g2 &&
           take_points(g1, KZG_G1_BYTES, ret->g1[0]) && take_points(g2, KZG_G2_BYTES, ret->g2[0]);
}

bool fixture_contribution(const json_t *batch, KzgWire **ret) {
    const json_t *list = json_object_get(batch, "contributions");
    KzgWire *w = kzg_wire_new(json_array_size(list), NULL);
    assert_non_null(w);
    bool ok = take_ecdsa(json_object_get(batch, "ecdsaSignature"), &w->ecdsa);
    for (size_t i = 0; i < w->n; i++) {
        const json_t *sub = json_array_get(list, i);
        ok = ok && take_powers(sub, &w->subs[i].powers) &&
             take_hex(json_object_get(sub, "potPubkey"), KZG_G2_BYTES, w->subs[i].pubkey) &&
             take_bls(json_object_get(sub, "blsSignature"), &w->subs[i].bls);
    }
    *ret = ok ? w : kzg_wire_free(w);
    return ok;
}

static void take_witness(const json_t *object, KzgWitnessWire *w) {
    const json_t *products = json_object_get(object, "runningProducts");
    const json_t *pubkeys = json_object_get(object, "potPubkeys");
    const json_t *bls = json_object_get(object, "blsSignatures");
    w->n_products = json_array_size(products);
    w->n_pubkeys = json_array_size(pubkeys);
    w->n_bls = json_array_size(bls);
    w->products = cvk_alloc(w->n_products, KZG_G1_BYTES, NULL);
    w->pubkeys = cvk_alloc(w->n_pubkeys, KZG_G2_BYTES, NULL);
    w->bls = cvk_alloc(w->n_bls, sizeof *w->bls, NULL);
    assert_true(take_points(products, KZG_G1_BYTES, w->products[0]));
    assert_true(take_points(pubkeys, KZG_G2_BYTES, w->pubkeys[0]));
    for (size_t i = 0; i < w->n_bls; i++)
        assert_true(take_bls(json_array_get(bls, i), &w->bls[i]));
}

KzgTranscriptWire *fixture_transcript(const json_t *batch) {
    const json_t *list = json_object_get(batch, "transcripts");
    const json_t *ids = json_object_get(batch, "participantIds");
    const json_t *ecdsa = json_object_get(batch, "participantEcdsaSignatures");
    KzgTranscriptWire *t = kzg_transcript_wire_new(json_array_size(list), NULL);
    assert_non_null(t);
    for (size_t i = 0; i < t->n; i++) {
        const json_t *sub = json_array_get(list, i);
        assert_true(take_powers(sub, &t->subs[i].powers));
        take_witness(json_object_get(sub, "witness"), &t->subs[i].witness);
    }
    t->n_ids = json_array_size(ids);
    t->n_ecdsa = json_array_size(ecdsa);
    t->ids = cvk_alloc(t->n_ids, sizeof *t->ids, NULL);
    t->ecdsa = cvk_alloc(t->n_ecdsa, sizeof *t->ecdsa, NULL);
    for (size_t i = 0; i < t->n_ids; i++)
        t->ids[i] = cvk_strdup(json_string_value(json_array_get(ids, i)), NULL);
    for (size_t i = 0; i < t->n_ecdsa; i++)
        assert_true(take_ecdsa(json_array_get(ecdsa, i), &t->ecdsa[i]));
    return t;
}
