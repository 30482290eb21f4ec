/* How each version of each event stands in a line of the journal: one table a form, which serves
 * the writer and the reader. To change an event, add a table with the next version and leave the
 * old one for the reader. Only event_json*.c include this. Threads: constants. */
#pragma once

#include "engine/event.h"

typedef enum {
    FIELD_END = 0,
    FIELD_OPEN,  /* "key":{ */
    FIELD_CLOSE, /* } */
    FIELD_TEXT,  /* char[size] */
    FIELD_BYTES, /* uint8_t[size] as "0x..." */
    FIELD_U64,   /* to INT64_MAX */
    FIELD_I64,   /* from 0 */
    FIELD_U32,
    FIELD_BOOL,
    FIELD_REPEAT, /* version 1: true or false, for a uint32_t of 0 (any number) or 1 */
    FIELD_ENTRY,
    FIELD_PHASE,
    FIELD_COST,
    FIELD_MODE,
    FIELD_LEFT,
} FieldKind;

typedef struct {
    FieldKind kind;
    uint8_t key_n;
    const char *key;     /* as it is written: "lease": with its quotation marks and colon */
    size_t offset, size; /* in Event; of a text or bytes */
} Field;

#define EVENT_VERSION 2 /* the newest: the one that is written */
/* The fields after "now", to FIELD_END; NULL: that version has no such event. */
const Field *event_form(EventType t, unsigned version);

/* The words of a choice (FIELD_ENTRY and after), by number; NULL: there are no more. */
const char *event_word(FieldKind kind, unsigned i);
