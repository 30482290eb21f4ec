#include "sim/sim_tamper.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    Rule breaks;
} tampers[TAMPER_N] = {
    [TAMPER_NONE] = {"none", RULE_NONE},   [TAMPER_LOST] = {"lost", RULE_DURABLE},
    [TAMPER_OTHER] = {"other", RULE_FAIR}, [TAMPER_HIDDEN] = {"hidden", RULE_ONE_LEASE},
    [TAMPER_GAP] = {"gap", RULE_EXTENDS},  [TAMPER_RECEIPT] = {"receipt", RULE_RECEIPT},
    [TAMPER_HARSH] = {"harsh", RULE_COST}, [TAMPER_HASTY] = {"hasty", RULE_TIME},
};

const char *tamper_name(Tamper t) {
    return tampers[t].name;
}

Rule tamper_breaks(Tamper t) {
    return tampers[t].breaks;
}

static bool is_a(const char *json, EventType type) {
    char key[64];
    snprintf(key, sizeof key, "\"type\":\"%s\"", event_name(type));
    return strstr(json, key) != NULL;
}

/* Puts `to` in place of what follows `key`, up to the next comma or brace. */
static void replace(const char *json, const char *key, const char *to, char ret[TAMPER_LINE]) {
    const char *at = strstr(json, key);
    if (at == NULL) {
        snprintf(ret, TAMPER_LINE, "%s", json);
        return;
    }
    at += strlen(key);
    snprintf(ret, TAMPER_LINE, "%.*s%s%s", (int)(at - json), json, to, at + strcspn(at, ",}"));
}

static void replace_number(const char *json, const char *key, uint64_t to, char ret[TAMPER_LINE]) {
    char text[24];
    snprintf(text, sizeof text, "%" PRIu64, to);
    replace(json, key, text, ret);
}

bool tamper_line(Tamper t, const SimBook *b, const char *json, char ret[TAMPER_LINE]) {
    snprintf(ret, TAMPER_LINE, "%s", json);
    switch (t) {
    case TAMPER_NONE:
    case TAMPER_LOST:
    case TAMPER_RECEIPT:
        break;
    case TAMPER_OTHER:
        if (is_a(json, EVENT_LEASE_GRANTED) && book_leases(b) >= 19)
            replace_number(json, "\"participant\":", book_newest_waiter(b), ret);
        break;
    case TAMPER_HIDDEN:
        return !is_a(json, EVENT_LEASE_EXPIRED);
    case TAMPER_GAP:
        if (is_a(json, EVENT_CONTRIBUTION_ACCEPTED) && strstr(json, "\"index\":10,") != NULL)
            replace_number(json, "\"index\":", 11, ret);
        break;
    case TAMPER_HARSH:
        if (is_a(json, EVENT_CEREMONY_OPENED))
            replace(json, "\"expired\":", "\"out\"", ret);
        break;
    case TAMPER_HASTY:
        if (is_a(json, EVENT_CEREMONY_OPENED))
            replace(json, "\"computing\":", "240000", ret);
        break;
    case TAMPER_N:
        break;
    }
    return true;
}

bool tamper_withholds(Tamper t, uint64_t seq, uint64_t n) {
    return t == TAMPER_LOST && seq >= n;
}

void tamper_receipt(Tamper t, char *receipt) {
    static const char key[] = "\"entry\":";
    char *at = t == TAMPER_RECEIPT ? strstr(receipt, key) : NULL;
    if (at == NULL)
        return;
    char *digit = at + strlen(key) + strspn(at + strlen(key), "0123456789") - 1;
    *digit = *digit == '0' ? '1' : (char)(*digit - 1);
}
