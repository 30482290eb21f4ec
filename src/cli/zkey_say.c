#include "cli/zkey_say.h"

#include "cli/beacon.h"
#include "cli/hash_block.h"
#include "cli/say.h"
#include "setup/phase2_chain.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

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

static void put_str(JsonWriter *w, const char *key, const char *value, size_t n) {
    json_put_key(w, key);
    json_put_strn(w, value, n);
}

static void put_contribution(const Phase2Contribution *c, JsonWriter *w) {
    const ContributionParams *p = &c->params;
    const char *type = p->beacon ? "beacon" : "contribution";
    uint8_t hash[BLAKE2B_BYTES];
    phase2_contribution_hash(c, hash);
    json_object_begin(w);
    put_str(w, "type", type, strlen(type));
    if (p->has_name)
        put_str(w, "name", p->name, p->name_n);
    json_put_key(w, "hash");
    json_put_hex(w, hash, sizeof hash);
    if (p->has_iterations) {
        json_put_key(w, "iterations_exp");
        json_put_uint(w, p->iterations_exp);
    }
    if (p->has_beacon_hash) {
        json_put_key(w, "beacon_hash");
        json_put_hex(w, p->beacon_hash, p->beacon_hash_n);
    }
    json_object_end(w);
}

void zkey_put_contributions(const Phase2Key *key, JsonWriter *w) {
    json_put_key(w, "circuit_hash");
    json_put_hex(w, key->circuit_hash, BLAKE2B_BYTES);
    json_put_key(w, "contributions");
    json_array_begin(w);
    for (uint32_t i = 0; i < key->contributions_n; i++)
        put_contribution(&key->contributions[i], w);
    json_array_end(w);
}
