/* Shared by the files of mpcparams and by nobody else. */
#pragma once

#include "format/mpcparams.h"

/* Vectors in the file's order. */
#define MPCPARAMS_ORDER                                                                            \
    { PHASE2_IC, PHASE2_H, PHASE2_L, PHASE2_A, PHASE2_B1, PHASE2_B2 }
