/* Where in which file a fault is, and how messages show a path. Values; nothing is allocated.
 * Threads: any. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* A path as messages show it: whole, if it has fewer bytes than this; else its end behind "...", as
 * that is where the file's name stands. A UTF-8 character is not cut in two. */
#define CVK_SHOWN_MAX 256
const char *cvk_shown(const char *path, char ret[CVK_SHOWN_MAX]);
/* The same for an argument of a message: good until the block ends. */
#define CVK_SHOWN(path) cvk_shown(path, (char[CVK_SHOWN_MAX]){""})

typedef struct {
    char file[CVK_SHOWN_MAX]; /* as shown; "": none in particular */
    bool exact;               /* there is an offset */
    uint32_t section;         /* 0: none, or its files have none */
    uint64_t offset;          /* from the file's beginning, whatever the section */
} CvkPlace;

/* Where something stands that was read, in a file that lives longer than it; file NULL: in none. */
typedef struct {
    const char *file;
    uint32_t section; /* 0: its files have none */
    uint64_t offset;
} CvkSpot;

/* Somewhere in a file; NULL: nowhere. */
CvkPlace cvk_place(const char *file);
CvkPlace cvk_place_at(const char *file, uint32_t section, uint64_t offset);
CvkPlace cvk_place_of(const CvkSpot *s);

/* How a message ends that is about this place: " (section 3, offset 1234)", " (offset 64)", "". */
#define CVK_PLACE_TEXT 64
const char *cvk_place_text(const CvkPlace *p, char ret[CVK_PLACE_TEXT]);
