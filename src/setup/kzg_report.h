/* Verdicts: what a check found. A report is the whole truth about one document; texts for people
 * and for the wire are format's (format/kzg_errors.h, format/report.h). */
#pragma once

#include "algebra/curve.h"

typedef enum {
    KZG_VALID = 0,
    /* in the order in which they are looked for */
    KZG_WRONG_NUM_SUBS,   /* expected, got */
    KZG_WRONG_NUM_G1,     /* sub, expected, got */
    KZG_WRONG_NUM_G2,     /* sub, expected, got */
    KZG_BAD_G1_POINT,     /* sub, index, point: a G1 power does not decode */
    KZG_BAD_G2_POINT,     /* sub, index, point: a G2 power does not decode */
    KZG_BAD_PUBKEY_POINT, /* sub, point: potPubkey does not decode */
    KZG_ZERO_PUBKEY,      /* sub: potPubkey is infinity */
    KZG_PUBKEY_PAIRING,   /* sub: e(new G1[1], g2) != e(old G1[1], potPubkey) */
    KZG_G1_PAIRING,       /* sub, index of the lowest power that breaks the chain of G1 (0: not the
                             generator) */
    KZG_G2_PAIRING,       /* sub, index likewise in G2 */
    KZG_NO_ENTROPY,       /* sub: potPubkey is the generator */
    KZG_DUPLICATE_KEY, /* sub: potPubkey was used before, in this contribution or in an earlier one
                        */
} KzgVerdict;

typedef struct {
    KzgVerdict verdict;
    size_t sub;   /* which sub-setup, from 0: the lowest with a fault */
    size_t index; /* which power: the lowest with that fault */
    size_t expected, got;
    PointReport point;
} KzgReport;
