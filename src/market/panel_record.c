#include "market/panel_record.h"

#include "codec/money.h"
#include "market/market.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[FIELDS_N] = {
    "participant",  "batch",        "batch_name",      "seq",        "issued_ms",
    "first_get_ms", "received_ms",  "proving_time_ms", "cost_cents", "price_cents",
    "deployment",   "acceleration", "attempts",        "flags",      "group"};

void record_clear(Record *r) {
    for (size_t i = 0; i < FIELDS_N; i++)
        r->field[i].given = false;
    r->covariates = 0;
}

static bool bad(Field which, CvkErr *err) {
    return cvk_fail(err, CVK_EBADREQ, "panel.field", "%s is missing, or makes no sense",
                    names[which]);
}

static void put_covariate(Record *r, const char *name, const char *text, size_t n) {
    char copy[64], *end;
    if (r->covariates == PANEL_COVARIATES_MAX || n == 0 || n >= sizeof copy ||
        strlen(name) >= sizeof r->covariate[0].name)
        return;
    memcpy(copy, text, n);
    copy[n] = '\0';
    double v = strtod(copy, &end);
    if (*end != '\0')
        return; /* a covariate of words: nothing is divided by it */
    memcpy(r->covariate[r->covariates].name, name, strlen(name) + 1);
    r->covariate[r->covariates++].value = v;
}

/* What an export puts before a text that a spreadsheet would take for a formula. */
static bool is_guarded(const char *text, size_t n) {
    return n >= 2 && text[0] == '\'' && memchr("=+-@\t\r", text[1], 6) != NULL;
}

bool record_put(Record *r, const char *name, const char *text, size_t n, CvkErr *err) {
    if (strncmp(name, "batch.", 6) == 0) {
        put_covariate(r, name + 6, text, n);
        return true;
    }
    Field which = 0;
    while (which < FIELDS_N && strcmp(names[which], name) != 0)
        which++;
    if (which == FIELDS_N || n == 0)
        return true;
    if (is_guarded(text, n)) {
        text++;
        n--;
    }
    if (n >= RECORD_TEXT_MAX || memchr(text, '\0', n) != NULL)
        return bad(which, err);
    memcpy(r->field[which].text, text, n);
    r->field[which].text[n] = '\0';
    r->field[which].given = true;
    return true;
}

static const char *text_of(const Record *r, Field which) {
    return r->field[which].given ? r->field[which].text : "";
}

static bool integer(const Record *r, Field which, int64_t max, int64_t *ret, CvkErr *err) {
    const char *at = text_of(r, which);
    int64_t v = 0;
    if (!r->field[which].given)
        return true; /* *ret is what stands for it */
    for (; *at >= '0' && *at <= '9' && v <= max / 10; at++)
        v = 10 * v + (*at - '0');
    if (*at != '\0' || v > max)
        return bad(which, err);
    *ret = v;
    return true;
}

static bool amount(const Record *r, Field which, int64_t *ret, CvkErr *err) {
    const char *text = text_of(r, which);
    return money_parse(text, strlen(text), ret) || bad(which, err);
}

/* Names joined by anything that is in no name. */
static uint32_t flags_of(const char *text) {
    uint32_t flags = 0;
    while (*text != '\0') {
        size_t n = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_");
        for (unsigned bit = 0; bit < MARKET_FLAGS_N; bit++)
            if (strlen(market_flag_name(bit)) == n && strncmp(market_flag_name(bit), text, n) == 0)
                flags |= 1u << bit;
        text += n > 0 ? n : 1;
    }
    return flags;
}

static bool name_row(const Record *r, Panel *p, PanelRow *row, CvkErr *err) {
    char deployment[2 * RECORD_TEXT_MAX];
    const char *batch =
        text_of(r, r->field[FIELD_BATCH_NAME].given ? FIELD_BATCH_NAME : FIELD_BATCH);
    if (!r->field[FIELD_PARTICIPANT].given)
        return bad(FIELD_PARTICIPANT, err);
    if (*batch == '\0')
        return bad(FIELD_BATCH, err);
    snprintf(deployment, sizeof deployment, "%s/%s", text_of(r, FIELD_PARTICIPANT),
             text_of(r, FIELD_DEPLOYMENT));
    return panel_name(p, PANEL_PARTICIPANT, text_of(r, FIELD_PARTICIPANT), &row->participant,
                      err) &&
           panel_name(p, PANEL_BATCH, batch, &row->batch, err) &&
           panel_name(p, PANEL_DEPLOYMENT, deployment, &row->deployment, err) &&
           panel_name(p, PANEL_ACCELERATION, text_of(r, FIELD_ACCELERATION), &row->acceleration,
                      err);
}

/* An empty one is none. */
static bool name_group(const Record *r, Panel *p, uint32_t *ret, CvkErr *err) {
    if (!r->field[FIELD_GROUP].given)
        return true;
    if (!panel_name(p, PANEL_GROUP, text_of(r, FIELD_GROUP), ret, err))
        return false;
    ++*ret;
    return true;
}

bool record_add(const Record *r, Panel *p, CvkErr *err) {
    const int64_t most = (INT64_C(1) << 53) - 1;
    int64_t seq = (int64_t)panel_n(p) + 1, attempts = 0; /* without: in the order of the file */
    PanelRow row = {.flags = flags_of(text_of(r, FIELD_FLAGS))};
    if (!r->field[FIELD_TIME].given)
        return bad(FIELD_TIME, err);
    if (!name_row(r, p, &row, err) || !name_group(r, p, &row.group, err) ||
        !integer(r, FIELD_SEQ, UINT32_MAX, &seq, err) ||
        !integer(r, FIELD_ATTEMPTS, UINT32_MAX, &attempts, err) ||
        !integer(r, FIELD_ISSUED, most, &row.issued_ms, err) ||
        !integer(r, FIELD_FIRST_GET, most, &row.first_get_ms, err) ||
        !integer(r, FIELD_RECEIVED, most, &row.received_ms, err) ||
        !integer(r, FIELD_TIME, most, &row.proving_ms, err) ||
        !amount(r, FIELD_COST, &row.cost, err) || !amount(r, FIELD_PRICE, &row.price, err))
        return false;
    row.seq = (uint32_t)seq;
    row.attempts = (uint32_t)attempts;
    for (size_t i = 0; i < r->covariates; i++)
        if (!panel_covariate(p, row.batch, r->covariate[i].name, r->covariate[i].value, err))
            return false;
    return panel_add(p, &row, err);
}
