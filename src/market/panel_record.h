/* One submission as an exported file has it: texts by the names of columns (those of 'convoke
 * market export'), and the row that they make. Private to panel_read.c and panel_csv.c. */
#pragma once

#include "market/panel.h"

#define RECORD_TEXT_MAX 288 /* a deployment is the longest, with its participant in front */

typedef enum {
    FIELD_PARTICIPANT,
    FIELD_BATCH,
    FIELD_BATCH_NAME,
    FIELD_SEQ,
    FIELD_ISSUED,
    FIELD_FIRST_GET,
    FIELD_RECEIVED,
    FIELD_TIME,
    FIELD_COST,
    FIELD_PRICE,
    FIELD_DEPLOYMENT,
    FIELD_ACCELERATION,
    FIELD_ATTEMPTS,
    FIELD_FLAGS,
    FIELD_GROUP,
    FIELDS_N
} Field;

typedef struct {
    struct {
        char text[RECORD_TEXT_MAX];
        bool given;
    } field[FIELDS_N];
    size_t covariates;
    struct {
        char name[64];
        double value;
    } covariate[PANEL_COVARIATES_MAX];
} Record;

void record_clear(Record *r);
/* A column's value; names that mean nothing here are passed over, "batch.NAME" is a covariate. */
bool record_put(Record *r, const char *name, const char *text, size_t n, CvkErr *err) MUST_USE;
/* CVK_EBADREQ "panel.field": which one is missing, or makes no sense. */
bool record_add(const Record *r, Panel *p, CvkErr *err) MUST_USE;
