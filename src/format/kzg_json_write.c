#include "format/kzg_json.h"

static void put_g1_list(JsonWriter *w, const char *key, uint8_t (*points)[KZG_G1_BYTES], size_t n) {
    json_put_key(w, key);
    json_array_begin(w);
    for (size_t i = 0; i < n; i++)
        json_put_hex(w, points[i], KZG_G1_BYTES);
    json_array_end(w);
}

static void put_g2_list(JsonWriter *w, const char *key, uint8_t (*points)[KZG_G2_BYTES], size_t n) {
    json_put_key(w, key);
    json_array_begin(w);
    for (size_t i = 0; i < n; i++)
        json_put_hex(w, points[i], KZG_G2_BYTES);
    json_array_end(w);
}

static void put_bls(JsonWriter *w, const KzgBlsWire *bls) {
    if (bls->present)
        json_put_hex(w, bls->bytes, sizeof bls->bytes);
    else
        json_put_str(w, "");
}

static void put_ecdsa(JsonWriter *w, const KzgEcdsaWire *ecdsa) {
    if (ecdsa->present)
        json_put_hex(w, ecdsa->bytes, sizeof ecdsa->bytes);
    else
        json_put_str(w, "");
}

static void put_powers(JsonWriter *w, const KzgPowersWire *p) {
    json_put_key(w, "numG1Powers");
    json_put_uint(w, p->n_g1);
    json_put_key(w, "numG2Powers");
    json_put_uint(w, p->n_g2);
    json_put_key(w, "powersOfTau");
    json_object_begin(w);
    put_g1_list(w, "G1Powers", p->g1, p->n_g1);
    put_g2_list(w, "G2Powers", p->g2, p->n_g2);
    json_object_end(w);
}

static void put_sub(JsonWriter *w, const KzgPowersWire *powers, const uint8_t pubkey[KZG_G2_BYTES],
                    const KzgBlsWire *bls) {
    json_object_begin(w);
    put_powers(w, powers);
    json_put_key(w, "potPubkey");
    json_put_hex(w, pubkey, KZG_G2_BYTES);
    if (bls != NULL) {
        json_put_key(w, "blsSignature");
        put_bls(w, bls);
    }
    json_object_end(w);
}

bool kzg_contribution_write(JsonSink sink, const KzgWire *w, unsigned indent, KzgJsonForm form,
                            CvkErr *err) {
    JsonWriter to = JSON_WRITER(sink, indent);
    bool bare = form == KZG_JSON_BARE;
    json_object_begin(&to);
    json_put_key(&to, "contributions");
    json_array_begin(&to);
    for (size_t i = 0; i < w->n; i++)
        put_sub(&to, &w->subs[i].powers, w->subs[i].pubkey, bare ? NULL : &w->subs[i].bls);
    json_array_end(&to);
    if (!bare) {
        json_put_key(&to, "ecdsaSignature");
        put_ecdsa(&to, &w->ecdsa);
    }
    json_object_end(&to);
    return json_finish(&to, err);
}

bool kzg_challenge_write(JsonSink sink, const KzgWire *state, unsigned indent, CvkErr *err) {
    static const KzgBlsWire none = {0};
    JsonWriter to = JSON_WRITER(sink, indent);
    json_object_begin(&to);
    json_put_key(&to, "contributions");
    json_array_begin(&to);
    for (size_t i = 0; i < state->n; i++)
        put_sub(&to, &state->subs[i].powers, KZG_G2_GENERATOR, &none);
    json_array_end(&to);
    json_put_key(&to, "ecdsaSignature");
    json_put_str(&to, "");
    json_object_end(&to);
    return json_finish(&to, err);
}

static void put_witness(JsonWriter *w, const KzgWitnessWire *witness) {
    json_put_key(w, "witness");
    json_object_begin(w);
    put_g1_list(w, "runningProducts", witness->products, witness->n_products);
    put_g2_list(w, "potPubkeys", witness->pubkeys, witness->n_pubkeys);
    json_put_key(w, "blsSignatures");
    json_array_begin(w);
    for (size_t i = 0; i < witness->n_bls; i++)
        put_bls(w, &witness->bls[i]);
    json_array_end(w);
    json_object_end(w);
}

bool kzg_transcript_write(JsonSink sink, const KzgTranscriptWire *t, unsigned indent, CvkErr *err) {
    JsonWriter to = JSON_WRITER(sink, indent);
    json_object_begin(&to);
    json_put_key(&to, "transcripts");
    json_array_begin(&to);
    for (size_t i = 0; i < t->n; i++) {
        json_object_begin(&to);
        put_powers(&to, &t->subs[i].powers);
        put_witness(&to, &t->subs[i].witness);
        json_object_end(&to);
    }
    json_array_end(&to);
    json_put_key(&to, "participantIds");
    json_array_begin(&to);
    for (size_t i = 0; i < t->n_ids; i++)
        json_put_str(&to, t->ids[i]);
    json_array_end(&to);
    json_put_key(&to, "participantEcdsaSignatures");
    json_array_begin(&to);
    for (size_t i = 0; i < t->n_ecdsa; i++)
        put_ecdsa(&to, &t->ecdsa[i]);
    json_array_end(&to);
    json_object_end(&to);
    return json_finish(&to, err);
}
