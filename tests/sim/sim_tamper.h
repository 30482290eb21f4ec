/* Lies told to the book, as if a server were broken: what shows that the book and the shrinker find
 * what they are for. Threads: pure functions. */
#pragma once

#include "sim/sim_book.h"

typedef enum {
    TAMPER_NONE = 0,
    TAMPER_LOST,    /* a restart has lost the last line behind an answer */
    TAMPER_OTHER,   /* turns go to the one who came last, from the 20th on */
    TAMPER_HIDDEN,  /* a lease that expires does so without a line */
    TAMPER_GAP,     /* the tenth contribution is called the eleventh */
    TAMPER_RECEIPT, /* receipts name the line before their own */
    TAMPER_HARSH,   /* expiring costs more than the policy says */
    TAMPER_HASTY,   /* time to compute is thought to be longer than it is */
    TAMPER_N
} Tamper;
const char *tamper_name(Tamper t);

/* The rule that is broken then. */
Rule tamper_breaks(Tamper t);

#define TAMPER_LINE 2304
/* The line as the book is to see it, in `ret`; false: not at all. */
bool tamper_line(Tamper t, const SimBook *b, const char *json, char ret[TAMPER_LINE]);
/* After a restart, is this line (of `n` behind answers) withheld? */
bool tamper_withholds(Tamper t, uint64_t seq, uint64_t n);
void tamper_receipt(Tamper t, char *receipt);
