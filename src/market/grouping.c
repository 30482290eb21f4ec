#include "market/grouping.h"

static uint32_t all_of(const PanelRow *r) {
    (void)r;
    return 0;
}

static uint32_t acceleration_of(const PanelRow *r) {
    return r->acceleration;
}

static uint32_t participant_of(const PanelRow *r) {
    return r->participant;
}

static uint32_t deployment_of(const PanelRow *r) {
    return r->deployment;
}

static uint32_t group_of(const PanelRow *r) {
    return r->group;
}

static const struct {
    const char *name;
    uint32_t (*of)(const PanelRow *);
    PanelNames names; /* PANEL_NAMES_N: of everybody */
} groupings[GROUPINGS_N] = {
    [GROUPING_ALL] = {"all", all_of, PANEL_NAMES_N},
    [GROUPING_ACCELERATION] = {"acceleration", acceleration_of, PANEL_ACCELERATION},
    [GROUPING_PARTICIPANT] = {"participant", participant_of, PANEL_PARTICIPANT},
    [GROUPING_DEPLOYMENT] = {"deployment", deployment_of, PANEL_DEPLOYMENT},
    [GROUPING_GROUP] = {"group", group_of, PANEL_GROUP},
};

const char *grouping_name(Grouping g) {
    return groupings[g].name;
}

size_t grouping_n(const Panel *p, Grouping g) {
    const PanelNames names = groupings[g].names;
    if (names == PANEL_NAMES_N)
        return 1;
    const size_t n = panel_names_n(p, names);
    return n + (g == GROUPING_GROUP && n > 0); /* and those of none */
}

const char *grouping_at(const Panel *p, Grouping g, size_t i) {
    const PanelNames names = groupings[g].names;
    if (names == PANEL_NAMES_N)
        return "";
    if (g != GROUPING_GROUP)
        return panel_name_at(p, names, (uint32_t)i);
    return i == 0 ? "(none)" : panel_name_at(p, names, (uint32_t)i - 1);
}

void grouping_rows(const Panel *p, Grouping g, uint32_t *ret) {
    for (size_t i = 0; i < panel_n(p); i++)
        ret[i] = groupings[g].of(&panel_rows(p)[i]);
}
