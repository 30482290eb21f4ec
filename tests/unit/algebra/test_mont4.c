/* Arithmetic on four words as this machine runs it. */
#include "mont4_cases.inc"
