#include "cli/zkey_say.h"

#include "cli/beacon.h"
#include "cli/contribution_say.h"
#include "cli/hash_block.h"
#include "cli/say.h"
#include "setup/phase2_chain.h"

#include <inttypes.h>
#include <stdio.h>

void zkey_say_contributions(const Phase2Key *key) {
    static const char line[] = "-------------------------";
    say_hash("Circuit Hash:", key->circuit_hash);
    say_result("%s", line);
    for (uint32_t n = key->contributions_n; n > 0; n--) {
        const Phase2Contribution *c = &key->contributions[n - 1];
        uint8_t hash[BLAKE2B_BYTES];
        char title[sizeof c->params.name + 32];
        phase2_contribution_hash(c, hash);
        snprintf(title, sizeof title, "contribution #%" PRIu32 " %s:", n, c->params.name);
        say_hash(title, hash);
        say_beacon(&c->params);
        say_result("%s", line);
    }
}

static void put_contribution(const Phase2Contribution *c, JsonWriter *w) {
    uint8_t hash[BLAKE2B_BYTES];
    phase2_contribution_hash(c, hash);
    contribution_begin(&c->params, w);
    json_field_hex(w, "hash", hash, sizeof hash);
    json_object_end(w);
}

void zkey_put(const Zkey *z, JsonWriter *w) {
    const Phase2Key *key = zkey_key(z);
    const Phase2Header *h = &key->header;
    json_field_uint(w, "bytes", section_file_bytes(zkey_file(z)));
    json_field_str(w, "curve", curve_name(h->curve));
    json_field_uint(w, "variables", h->n_vars);
    json_field_uint(w, "public", h->n_public);
    json_field_uint(w, "domain", h->domain);
    json_field_uint(w, "coefficients", zkey_coefficients_n(z));
    json_field_hex(w, "circuit_hash", key->circuit_hash, sizeof key->circuit_hash);
    json_put_key(w, "contributions");
    json_array_begin(w);
    for (uint32_t i = 0; i < key->contributions_n; i++)
        put_contribution(&key->contributions[i], w);
    json_array_end(w);
}
