/* The worked example of the reference: four batches, three provers, of whom c has not proved the
 * fourth. Each proves in the order of the batches, with one deployment; c's request for the fourth
 * is open for 200 s. */
#pragma once

#include "codec/money.h"
#include "market/panel.h"

#define GOLDEN_T0 INT64_C(1700000000000)

typedef struct {
    int price, cost, seconds; /* cents; price 0: not proved */
} GoldenCell;

static const GoldenCell golden_cells[4][3] = {
    {{100, 80, 60}, {110, 100, 30}, {95, 70, 120}},
    {{120, 90, 70}, {115, 95, 32}, {140, 100, 130}},
    {{90, 85, 65}, {130, 120, 33}, {88, 70, 118}},
    {{200, 150, 90}, {150, 140, 45}, {0, 0, 0}},
};

static inline uint32_t golden_name(Panel *p, PanelNames of, const char *name) {
    uint32_t i;
    CvkErr err;
    assert_true(panel_name(p, of, name, &i, &err));
    return i;
}

static inline void golden_add(Panel *p, uint32_t batch, uint32_t who, const char *deployment) {
    const GoldenCell *cell = &golden_cells[batch][who];
    CvkErr err;
    PanelRow row = {
        .participant = who,
        .batch = batch,
        .deployment = golden_name(p, PANEL_DEPLOYMENT, deployment),
        .acceleration = golden_name(p, PANEL_ACCELERATION, who == 2 ? "NONE" : "GPU"),
        .seq = batch + 1,
        .issued_ms = GOLDEN_T0 + (int64_t)batch * 1000000,
        .received_ms = GOLDEN_T0 + (int64_t)batch * 1000000 + (cell->seconds + 5) * INT64_C(1000),
        .proving_ms = cell->seconds * INT64_C(1000),
        .cost = cell->cost * CVK_CENT,
        .price = cell->price * CVK_CENT,
    };
    PanelOpen open = {who, batch, row.issued_ms, row.issued_ms + 200000};
    if (cell->price != 0)
        assert_true(panel_add(p, &row, &err));
    else
        assert_true(panel_add_open(p, &open, &err));
}

static inline Panel *golden_panel(void) {
    static const char *const who[] = {"a", "b", "c"}, *const batch[] = {"1", "2", "3", "4"},
                             *const deployment[] = {"a/1", "b/1", "c/1"};
    CvkErr err;
    Panel *p = panel_new(&err);
    assert_non_null(p);
    for (uint32_t j = 0; j < 4; j++)
        for (uint32_t i = 0; i < 3; i++) {
            assert_int_equal(golden_name(p, PANEL_PARTICIPANT, who[i]), i);
            assert_int_equal(golden_name(p, PANEL_BATCH, batch[j]), j);
            golden_add(p, j, i, deployment[i]);
        }
    assert_true(panel_number(p, &err));
    return p;
}
