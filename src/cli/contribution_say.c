#include "cli/contribution_say.h"

void contribution_begin(const ContributionParams *p, JsonWriter *w) {
    json_object_begin(w);
    json_field_str(w, "type", p->beacon ? "beacon" : "contribution");
    if (p->has_name) {
        json_put_key(w, "name");
        json_put_strn(w, p->name, p->name_n);
    }
    if (p->has_beacon_hash)
        json_field_hex(w, "beacon_hash", p->beacon_hash, p->beacon_hash_n);
    if (p->has_iterations)
        json_field_uint(w, "iterations_exp", p->iterations_exp);
}
