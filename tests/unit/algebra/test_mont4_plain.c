/* The tests of test_mont4.c without what x86-64 has for carries: what other machines run. */
#define MONT4_PLAIN
#include "test_mont4.c"
