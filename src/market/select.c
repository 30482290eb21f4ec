#include "base/alloc.h"
#include "market/analysis.h"

typedef struct {
    bool complete;
    unsigned without_flags;
    size_t people;  /* who have a row */
    size_t *proved; /* by batch: by how many */
} Selection;

static bool takes(const Selection *s, const PanelRow *r) {
    return (r->flags & s->without_flags) == 0 && (!s->complete || s->proved[r->batch] >= s->people);
}

static bool count(const Panel *p, Selection *s, CvkErr *err) {
    _cleanup_free_ bool *seen = cvk_alloc(panel_names_n(p, PANEL_PARTICIPANT), sizeof *seen, err);
    if (seen == NULL)
        return false;
    for (size_t i = 0; i < panel_n(p); i++) {
        const PanelRow *r = &panel_rows(p)[i];
        if ((r->flags & s->without_flags) != 0)
            continue;
        s->proved[r->batch]++;
        s->people += !seen[r->participant];
        seen[r->participant] = true;
    }
    return true;
}

static bool copy_names(const Panel *p, Panel *to, CvkErr *err) {
    uint32_t same;
    for (PanelNames of = 0; of < PANEL_NAMES_N; of++)
        for (uint32_t i = 0; i < panel_names_n(p, of); i++)
            if (!panel_name(to, of, panel_name_at(p, of, i), &same, err))
                return false;
    for (size_t c = 0; c < panel_covariates_n(p); c++)
        for (uint32_t j = 0; j < panel_names_n(p, PANEL_BATCH); j++)
            if (!panel_covariate(to, j, panel_covariate_name(p, c), panel_covariate_at(p, c, j),
                                 err))
                return false;
    for (uint32_t d = 0; d < panel_names_n(p, PANEL_DEPLOYMENT); d++)
        if (panel_rate(p, d) >= 0 && !panel_deployment_rate(to, d, panel_rate(p, d), err))
            return false;
    return true;
}

static bool copy(const Panel *p, const Selection *s, Panel *to, CvkErr *err) {
    if (!copy_names(p, to, err))
        return false;
    for (size_t i = 0; i < panel_n(p); i++)
        if (takes(s, &panel_rows(p)[i]) && !panel_add(to, &panel_rows(p)[i], err))
            return false;
    for (size_t i = 0; i < panel_open_n(p); i++) {
        const PanelOpen *open = &panel_opens(p)[i];
        if ((!s->complete || s->proved[open->batch] >= s->people) && !panel_add_open(to, open, err))
            return false;
    }
    return true;
}

bool panel_select(const Panel *p, bool complete, unsigned without_flags, Panel **ret, CvkErr *err) {
    Selection s = {complete, without_flags, 0, NULL};
    _cleanup_free_ size_t *proved = cvk_alloc(panel_names_n(p, PANEL_BATCH), sizeof *proved, err);
    Panel *to = proved != NULL ? panel_new(err) : NULL;
    s.proved = proved;
    if (to == NULL || !count(p, &s, err) || !copy(p, &s, to, err)) {
        panel_free(to);
        return false;
    }
    *ret = to;
    return true;
}
