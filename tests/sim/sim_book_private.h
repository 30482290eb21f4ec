/* What the book's parts share: lines and restarts (sim_book.c), what lines mean
 * (sim_book_follow.c), and judging answers, time and fairness (sim_book_judge.c). */
#pragma once

#include "sim/sim_book.h"

#define NOBODY UINT32_MAX
/* How far the server's clock and ours may be apart for a moment: a tick that comes late by no more
 * than the server's slack is no skip (run/clock.h), and a tick may be a second away. */
#define CLOCK_SLACK 3500

typedef struct {
    /* from the journal */
    uint64_t number; /* as a participant; 0: not admitted */
    uint64_t place;  /* kept while they hold the slot */
    bool waits, out, banned;
    uint32_t contributions, strikes, turns; /* turns that ended */
    int64_t cool_until_ms;                  /* in the journal's time */
    int64_t cool_up_ms;                     /* uptime when that began */
    /* from answers */
    bool parked, wakes; /* wakes: their poll was given up over this very call, now or later in it */
    int64_t seen_ms, gap_ms; /* true time; gap between the last two; INT64_MAX: not known */
    int64_t last_gap_ms;     /* the last that was known, by uptime */
    int64_t seen_up_ms;
    uint32_t seen_epoch; /* starts and skips before that */
} BookPerson;

typedef struct {
    uint64_t number; /* 0: the slot is free */
    uint32_t who;
    Phase phase;
    uint64_t size;
    int64_t since_up_ms, granted_up_ms; /* uptime */
    uint32_t since_epoch, granted_epoch;
    bool stored;
    uint8_t response[32];
} BookLease;

typedef struct {
    uint64_t hash; /* of its text */
    int64_t up_ms; /* when it came */
    uint32_t epoch;
    uint32_t accepted_of; /* whose contribution it accepts; NOBODY */
    uint64_t receipt;     /* hash of the receipt that names it; 0: none seen */
} BookLine;

struct SimBook {
    uint32_t n;
    BookPerson *people;
    Rule broken;
    char text[256];

    /* the journal */
    BookLine *lines;
    size_t n_lines, room, answered;
    size_t same;  /* after a restart: lines that are what they were ... */
    bool differs; /* ... and then comes one that is not */
    Event event;
    uint32_t *participant; /* participant number -> person */
    uint64_t n_participants;
    EnginePolicy policy;
    bool open, final;
    Mode mode;
    int64_t now_ms; /* the journal's */
    uint64_t accepted, leases;
    BookLease lease;
    int64_t free_up_ms; /* uptime when the slot became free */
    int64_t freed_ms;   /* the same in true time; and whose turn ended then */
    uint32_t freed_who;
    uint32_t *at_place; /* place -> person; NOBODY */
    uint64_t last_place, places_room, head;
    uint32_t waiting;

    /* time and answers */
    int64_t up_ms;         /* true time in which the server ran and its timer was seen to */
    int64_t ticked_ms;     /* true time; INT64_MIN while it is down */
    int64_t started_up_ms; /* uptime at its last start */
    uint32_t epoch;        /* starts and skips so far */
    bool again; /* lines from before a restart: judged already, or nobody knows who asked */
    int64_t again_up_ms;
    uint32_t again_epoch;
    uint32_t asking;
    bool operated;
    int64_t looked_up_ms;
};

/* Says what must hold; goes on either way. Returns `holds`. */
bool book_must(SimBook *b, bool holds, Rule rule, const char *what);
uint64_t book_text_hash(const char *s, size_t n);

/* sim_book_follow.c: the line that was added last says this. */
void book_follow(SimBook *b, const Event *e);

/* sim_book_judge.c: what a line may say, by time and by who is ready */
void judge_grant(SimBook *b, uint32_t who, bool offered);
void judge_expired(SimBook *b, const Event *e);
void judge_missed(SimBook *b, uint32_t who);
