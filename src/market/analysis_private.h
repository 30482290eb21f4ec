/* What the parts of an analysis share. Private to analysis*.c and simulation*.c. */
#pragma once

#include "market/analysis.h"

/* An amount: exact for programs, rounded for people. */
void sheet_sum(Sheet *t, Sum micro_cents);

/* Columns of texts and numbers: pairs of key and heading, NULL-terminated. */
void sheet_columns(Sheet *t, const char *const (*column)[2]);

/* What winners were paid, less something; none where one has no price. */
void sheet_spend(Sheet *t, const Outcome *o, Sum less);
/* The same, and what was paid elsewhere: all that the operator pays. */
void sheet_total(Sheet *t, const Outcome *o);

/* A table and two figures of each sweep. meter: NULL, or what simulation_sweeps_units are of, at
 * most. */
bool simulation_sweeps(const Simulation *s, const Bids *b, CvkMeter *meter, Findings *f,
                       CvkErr *err) MUST_USE;
size_t simulation_sweeps_units(const Simulation *s, size_t batches, size_t participants);

/* What tables with slopes say of them. */
#define SLOPE_ERRORS                                                                               \
    "std. errors: CR1, clustered by batch (of one participant: HC1); none of fewer than 3 "        \
    "batches, and too small rather than too large of fewer than about 40"

#define SCATTER_MAX 2000 /* of a scatter plot, over all series */

/* Rows of each participant, in one array: ret_row[n], ret_start[participants + 1]. The caller frees
 * both. */
bool panel_by_participant(const Panel *p, uint32_t **ret_row, size_t **ret_start,
                          CvkErr *err) MUST_USE;

/* What is looked at of a row: cents and seconds. */
double row_price(const PanelRow *r);
double row_cost(const PanelRow *r);
double row_seconds(const PanelRow *r);

/* A series for each participant who has rows, as far as there are colours, and a note that says of
 * how many rows, and what is left out. */
void scatter_by_participant(Figure *g, const Panel *p, const uint32_t *row, const size_t *start,
                            double (*x)(const PanelRow *), double (*y)(const PanelRow *));
/* "120 proofs of 4 participants", and whose are drawn where these are more than colours. */
void note_sample(Figure *g, const Panel *p);

bool analysis_distributions(const Panel *p, const AnalysisOptions *o, Findings *f,
                            CvkErr *err) MUST_USE;
bool analysis_covariates(const Panel *p, Findings *f, CvkErr *err) MUST_USE;
bool analysis_margins(const Panel *p, Findings *f, CvkErr *err) MUST_USE;
bool analysis_learning(const Panel *p, Findings *f, CvkErr *err) MUST_USE;
bool analysis_structure(const Panel *p, Findings *f, CvkErr *err) MUST_USE;
bool analysis_observed(const Panel *p, Findings *f, CvkErr *err) MUST_USE;
bool analysis_open(const Panel *p, Findings *f, CvkErr *err) MUST_USE;
