/* The same without what x86-64 has for carries: what other machines run. */
#define MONT4_PLAIN
#include "mont4_cases.inc"
