/* A second opinion on a ceremony: kept from the lines of its journal, from what people were
 * answered, and from the true time, never from the engine's state. It knows the rules by itself and
 * names the first one that was broken.
 *
 * What it holds against a server (numbers: the invariants of the architecture):
 *   1  one live lease; its holder is neither out nor banned, and not in the queue as well
 *   2  an accepted contribution is the next one, and the response that was stored
 *   3  nobody contributes more often than the policy says
 *   4  lease numbers and times never go back; nothing happens to a lease that is over
 *   6  a receipt names the line of its acceptance
 *   7  no slot stays taken longer than its deadlines together, or free while somebody is ready
 *   8  a stored response is on the disk whole; a line that an answer rested on is never lost
 * and: fairness (who is surely ready is not overtaken in a queue), time (nobody's deadline or place
 * runs out while the server did not run), costs (who is out, cooling, or how many strikes).
 *
 * Cost: constant for each line and answer, but for a grant, which looks at those it passes over.
 * Threads: none. */
#pragma once

#include "engine/event.h"
#include "run/ceremony.h"
#include "sim/sim_server.h"

#include <stdint.h>

typedef enum {
    RULE_NONE = 0,
    RULE_FORM,      /* a line that cannot be read, or says what no ceremony can */
    RULE_ORDER,     /* 4 */
    RULE_ONE_LEASE, /* 1 */
    RULE_EXTENDS,   /* 2 */
    RULE_ONCE,      /* 3 */
    RULE_RECEIPT,   /* 6 */
    RULE_LIVE,      /* 7 */
    RULE_DURABLE,   /* 8 */
    RULE_QUEUE,     /* places: never used twice, nobody has two, kept until lost by an event */
    RULE_FAIR,
    RULE_TIME,
    RULE_COST,
    RULE_MODE,    /* paused and draining */
    RULE_REPLAY,  /* 5; found by the world, which has both hashes */
    RULE_ERROR,   /* the server failed with an error that nobody had asked for; likewise */
    RULE_CRASHED, /* the process that ran the simulation died: an assertion, a sanitizer */
    RULE_N
} Rule;
const char *rule_name(Rule r);

typedef struct SimBook SimBook;

/* People have the numbers 0 to n - 1; the book knows their identities (person_identity). */
SimBook *book_new(uint32_t people);
SimBook *book_free(SimBook *b);
void person_identity(uint32_t number, char ret[24]);

/* The first rule that was broken, and how. RULE_NONE: none so far. */
Rule book_broken(const SimBook *b, const char **ret_text);
void book_break(SimBook *b, Rule rule, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* ---- the journal ---- */

/* The next line. Returns the event as it was read; NULL when a rule is broken by now. */
const Event *book_line(SimBook *b, const SimEntry *e);
uint64_t book_lines(const SimBook *b);
/* A line that the book is not to see (sim_tamper.h): it has a number all the same. */
void book_skip_line(SimBook *b);
/* Everything so far stands behind an answer: no crash may take it back. */
void book_answered(SimBook *b);
/* The server has started again. Its journal is shown line by line, from the first, to be compared
 * with what the book knows (book_compare), then book_compared. If that returns true, lines of which
 * nobody had heard are lost: they are all to be shown once more (book_line_again; those that are
 * new are passed over). Then come new ones, if any (book_line), and book_goes_on. */
uint64_t book_restarted(SimBook *b); /* how many lines stand behind answers */
void book_compare(SimBook *b, const SimEntry *e);
bool book_compared(SimBook *b);
void book_line_again(SimBook *b, const SimEntry *e);
void book_goes_on(SimBook *b);
/* A response that the journal calls stored: is it on the disk? The world asks the disk. */
void book_response_on_disk(SimBook *b, bool whole);

/* ---- time ---- */

/* The server is running now and its timer has been seen to; called at least once a second while it
 * is up. book_down: no longer. */
void book_ticked(SimBook *b);
void book_down(SimBook *b);

/* ---- answers ---- */

/* `who` is asking just now (their command may bring lines); book_asked with what they were told. */
void book_asks(SimBook *b, uint32_t who);
void book_checked_in(SimBook *b, uint32_t who, Refusal answer, uint64_t lease);
/* Their parked poll is being woken, somewhere in the middle of a call; book_parked follows. */
void book_wakes(SimBook *b, uint32_t who);
void book_parked(SimBook *b, uint32_t who, bool parked);
/* Their poll was parked until now, and is answered with the slot: they were there all the time. */
void book_comes_for_it(SimBook *b, uint32_t who);
/* The server takes an upload of theirs. */
void book_uploads(SimBook *b, uint32_t who);
void book_submitted(SimBook *b, uint32_t who, const Submit *answer);
/* The operator did something beside the server, which sees it at its next tick. */
void book_operated(SimBook *b);

/* ---- what others may ask the book ---- */

bool book_holder(const SimBook *b, uint32_t *ret_who, uint64_t *ret_lease, Phase *ret_phase);
bool book_waits(const SimBook *b, uint32_t who);
uint64_t book_accepted(const SimBook *b);
uint64_t book_leases(const SimBook *b);
/* How many wait: in a queue those who have a place, in a lobby those who came lately. */
uint32_t book_waiting(const SimBook *b);
/* The participant with the last place; 0: nobody waits. */
uint64_t book_newest_waiter(const SimBook *b);
Mode book_mode(const SimBook *b);
const EnginePolicy *book_policy(const SimBook *b);
/* Over the text of all lines: equal for equal runs. */
uint64_t book_hash(const SimBook *b);
