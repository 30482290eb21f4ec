#include "market/panel.h"

#include "base/alloc.h"
#include "base/rng.h"

#include <math.h>

#define FIRST_SLOTS 128u

/* Names in the order of their coming, and a table of open addressing that finds them: slots hold
 * an index + 1, 0 is free, at most half of them are taken. */
typedef struct {
    char **name;
    uint32_t *slot;
    size_t n, cap, slots;
} Names;

typedef struct {
    char *name;
    double *value; /* by batch; NaN: not known */
    size_t n;
} Covariate;

struct Panel {
    uint64_t secret; /* strangers choose names: they must not choose collisions */
    Names names[PANEL_NAMES_N];
    PanelRow *row;
    size_t n, cap;
    PanelOpen *open;
    size_t open_n, open_cap;
    Covariate covariate[PANEL_COVARIATES_MAX];
    size_t covariates;
    int64_t *rate; /* by deployment, -1: not known */
    size_t rates;
};

Panel *panel_new(CvkErr *err) {
    Panel *p = cvk_alloc(1, sizeof *p, err);
    if (p != NULL)
        cvk_random(&p->secret, sizeof p->secret);
    return p;
}

static void names_done(Names *names) {
    for (size_t i = 0; i < names->n; i++)
        free(names->name[i]);
    free(names->name);
    free(names->slot);
}

Panel *panel_free(Panel *p) {
    if (p == NULL)
        return NULL;
    for (size_t i = 0; i < PANEL_NAMES_N; i++)
        names_done(&p->names[i]);
    for (size_t i = 0; i < p->covariates; i++) {
        free(p->covariate[i].name);
        free(p->covariate[i].value);
    }
    free(p->row);
    free(p->open);
    free(p->rate);
    free(p);
    return NULL;
}

/* ---- names ---- */

static size_t hash_of(uint64_t secret, const char *name) {
    uint64_t h = secret;
    for (; *name != '\0'; name++) {
        h = (h ^ (uint8_t)*name) * UINT64_C(0x9e3779b97f4a7c15);
        h ^= h >> 29;
    }
    return (size_t)h;
}

/* The slot that holds the name, or that would. */
static size_t slot_of(const Names *names, uint64_t secret, const char *name) {
    size_t at = hash_of(secret, name) & (names->slots - 1);
    while (names->slot[at] != 0 && strcmp(names->name[names->slot[at] - 1], name) != 0)
        at = (at + 1) & (names->slots - 1);
    return at;
}

static bool widen(Names *names, uint64_t secret, CvkErr *err) {
    size_t slots = names->slots == 0 ? FIRST_SLOTS : 2 * names->slots;
    uint32_t *fresh = cvk_alloc(slots, sizeof *fresh, err);
    if (fresh == NULL)
        return false;
    free(names->slot);
    names->slot = fresh;
    names->slots = slots;
    for (size_t i = 0; i < names->n; i++)
        fresh[slot_of(names, secret, names->name[i])] = (uint32_t)i + 1;
    return true;
}

bool panel_find(const Panel *p, PanelNames of, const char *name, uint32_t *ret) {
    const Names *names = &p->names[of];
    if (names->n == 0)
        return false;
    uint32_t found = names->slot[slot_of(names, p->secret, name)];
    if (found != 0)
        *ret = found - 1;
    return found != 0;
}

bool panel_name(Panel *p, PanelNames of, const char *name, uint32_t *ret, CvkErr *err) {
    Names *names = &p->names[of];
    if (panel_find(p, of, name, ret))
        return true;
    if (names->n >= UINT32_MAX - 1)
        return cvk_fail(err, CVK_ELIMIT, "panel.names", "there are too many names");
    if (2 * (names->n + 1) > names->slots && !widen(names, p->secret, err))
        return false;
    if (!cvk_grow(&names->name, names->n, &names->cap, sizeof *names->name, err))
        return false;
    char *copy = cvk_strdup(name, err);
    if (copy == NULL)
        return false;
    names->slot[slot_of(names, p->secret, name)] = (uint32_t)names->n + 1;
    names->name[names->n] = copy;
    *ret = (uint32_t)names->n++;
    return true;
}

size_t panel_names_n(const Panel *p, PanelNames of) {
    return p->names[of].n;
}

const char *panel_name_at(const Panel *p, PanelNames of, uint32_t i) {
    return p->names[of].name[i];
}

/* ---- rows ---- */

static bool row_ok(const Panel *p, const PanelRow *r) {
    return r->participant < p->names[PANEL_PARTICIPANT].n && r->batch < p->names[PANEL_BATCH].n &&
           r->deployment < p->names[PANEL_DEPLOYMENT].n &&
           r->acceleration < p->names[PANEL_ACCELERATION].n &&
           r->group <= p->names[PANEL_GROUP].n && r->cost >= 0 && r->price >= 0 &&
           r->proving_ms >= 0;
}

bool panel_add(Panel *p, const PanelRow *row, CvkErr *err) {
    if (!row_ok(p, row))
        return cvk_fail(err, CVK_EBADREQ, "panel.row", "row %zu makes no sense", p->n + 1);
    if (p->n >= UINT32_MAX - 1)
        return cvk_fail(err, CVK_ELIMIT, "panel.rows", "there are too many rows");
    if (!cvk_grow(&p->row, p->n, &p->cap, sizeof *p->row, err))
        return false;
    p->row[p->n++] = *row;
    return true;
}

bool panel_add_open(Panel *p, const PanelOpen *open, CvkErr *err) {
    if (open->participant >= p->names[PANEL_PARTICIPANT].n ||
        open->batch >= p->names[PANEL_BATCH].n)
        return cvk_fail(err, CVK_EBADREQ, "panel.row", "an open request names nothing");
    if (!cvk_grow(&p->open, p->open_n, &p->open_cap, sizeof *p->open, err))
        return false;
    p->open[p->open_n++] = *open;
    return true;
}

typedef struct {
    uint32_t deployment, seq, row;
} Proof;

static int by_request(const void *x, const void *y) {
    const Proof *a = x, *b = y;
    if (a->deployment != b->deployment)
        return a->deployment < b->deployment ? -1 : 1;
    if (a->seq != b->seq)
        return a->seq < b->seq ? -1 : 1;
    return a->row < b->row ? -1 : a->row > b->row;
}

bool panel_number(Panel *p, CvkErr *err) {
    _cleanup_free_ Proof *proof = cvk_alloc(p->n, sizeof *proof, err);
    if (proof == NULL)
        return false;
    for (size_t i = 0; i < p->n; i++)
        proof[i] = (Proof){p->row[i].deployment, p->row[i].seq, (uint32_t)i};
    qsort(proof, p->n, sizeof *proof, by_request);
    for (size_t i = 0; i < p->n; i++)
        p->row[proof[i].row].nth = i > 0 && proof[i - 1].deployment == proof[i].deployment
                                       ? p->row[proof[i - 1].row].nth + 1
                                       : 1;
    return true;
}

size_t panel_n(const Panel *p) {
    return p->n;
}

const PanelRow *panel_rows(const Panel *p) {
    return p->row;
}

size_t panel_open_n(const Panel *p) {
    return p->open_n;
}

const PanelOpen *panel_opens(const Panel *p) {
    return p->open;
}

/* ---- covariates and rates ---- */

static Covariate *covariate(Panel *p, const char *name, CvkErr *err) {
    for (size_t i = 0; i < p->covariates; i++)
        if (strcmp(p->covariate[i].name, name) == 0)
            return &p->covariate[i];
    if (p->covariates == PANEL_COVARIATES_MAX) {
        cvk_fail(err, CVK_ELIMIT, "panel.covariates", "at most %d covariates are kept",
                 PANEL_COVARIATES_MAX);
        return NULL;
    }
    char *copy = cvk_strdup(name, err);
    if (copy == NULL)
        return NULL;
    p->covariate[p->covariates] = (Covariate){.name = copy};
    return &p->covariate[p->covariates++];
}

bool panel_covariate(Panel *p, uint32_t batch, const char *name, double value, CvkErr *err) {
    if (batch >= p->names[PANEL_BATCH].n)
        return cvk_fail(err, CVK_EBADREQ, "panel.row", "a covariate of no batch");
    Covariate *c = covariate(p, name, err);
    if (c == NULL)
        return false;
    if (batch >= c->n) {
        size_t n = 2 * ((size_t)batch + 1);
        double *moved = realloc(c->value, n * sizeof *moved);
        if (moved == NULL)
            return cvk_fail(err, CVK_EINTERNAL, "memory.short", "out of memory (%zu batches)", n);
        c->value = moved;
        for (; c->n < n; c->n++)
            c->value[c->n] = NAN;
    }
    c->value[batch] = value;
    return true;
}

size_t panel_covariates_n(const Panel *p) {
    return p->covariates;
}

const char *panel_covariate_name(const Panel *p, size_t i) {
    return p->covariate[i].name;
}

double panel_covariate_at(const Panel *p, size_t i, uint32_t batch) {
    return batch < p->covariate[i].n ? p->covariate[i].value[batch] : (double)NAN;
}

bool panel_deployment_rate(Panel *p, uint32_t deployment, int64_t micro_cents_per_hour,
                           CvkErr *err) {
    if (deployment >= p->names[PANEL_DEPLOYMENT].n || micro_cents_per_hour < 0)
        return cvk_fail(err, CVK_EBADREQ, "panel.row", "a rate of no deployment, or below zero");
    if (deployment >= p->rates) {
        size_t n = 2 * ((size_t)deployment + 1);
        int64_t *moved = realloc(p->rate, n * sizeof *moved);
        if (moved == NULL)
            return cvk_fail(err, CVK_EINTERNAL, "memory.short", "out of memory (%zu rates)", n);
        p->rate = moved;
        for (; p->rates < n; p->rates++)
            p->rate[p->rates] = -1;
    }
    p->rate[deployment] = micro_cents_per_hour;
    return true;
}

int64_t panel_rate(const Panel *p, uint32_t deployment) {
    return deployment < p->rates ? p->rate[deployment] : -1;
}
