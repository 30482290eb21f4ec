/* Groth16 keys of one circuit as snarkjs keeps them (.zkey), both ways.
 *
 * INVARIANT. A Zkey that is open has been checked in everything but the points of its vectors,
 * which vector_read checks when they are read: protocol and primes, sizes that follow from the
 * header, the header's points, every coefficient, every contribution and its parameters; nothing is
 * left over. Errors name file, section and offset. Threads: an open Zkey is immutable. */
#pragma once

#include "format/sections.h"
#include "setup/phase2.h"

typedef enum {
    ZKEY_PROTOCOL = 1,
    ZKEY_HEADER,
    ZKEY_IC,
    ZKEY_COEFFICIENTS, /* a count, then PHASE2_COEFFICIENT_BYTES each */
    ZKEY_A,
    ZKEY_B1,
    ZKEY_B2,
    ZKEY_L,
    ZKEY_H,
    ZKEY_CONTRIBUTIONS, /* csHash, a count, the contributions */
    ZKEY_SECTIONS_END
} ZkeySection;

extern const SectionKind zkey_kind;

ZkeySection zkey_vector_section(Phase2Vector which);

typedef struct Zkey Zkey;

/* Reads the coefficients once, which takes as long as the disk does. */
bool zkey_open(const char *path, Zkey **ret, CvkErr *err) MUST_USE;
bool zkey_memory(const void *data, size_t n, const char *name, Zkey **ret, CvkErr *err) MUST_USE;
Zkey *zkey_close(Zkey *z); /* NULL is fine; returns NULL */

/* Both live as long as z. The coefficients' source holds the section with its count. */
const Phase2Key *zkey_key(const Zkey *z);
const SectionFile *zkey_file(const Zkey *z);
uint32_t zkey_coefficients_n(const Zkey *z);

/* ---- writing ---- */

/* Who wrote a file shows in the order of its sections. */
typedef enum {
    ZKEY_ORDER_NEW,        /* 1, 2, 4, 3, 9, 8, 5, 6, 7, 10 */
    ZKEY_ORDER_CONTRIBUTE, /* 1 to 10: also a beacon's */
    ZKEY_ORDER_BELLMAN,    /* 1, 2, 3, 4, 9, 8, 5, 6, 7, 10: an imported response's */
    ZKEY_ORDERS
} ZkeyOrder;

/* Writes what has no bytes yet: the vectors, and the coefficients (with their count), whose source
 * in the key has `read` = NULL. Points are written in FORM_MONTGOMERY, exactly as many as the
 * header says. A function that is not needed may be NULL. Called in the order of the sections. */
typedef struct {
    bool (*vector)(void *ctx, Phase2Vector which, const CvkSink *to, CvkErr *err);
    bool (*coefficients)(void *ctx, const CvkSink *to, CvkErr *err);
    void *ctx;
} ZkeyMaker;

/* The file appears when it is complete. Parts of `key` that have bytes are copied as they are;
 * their points must lie in FORM_MONTGOMERY. `maker` may be NULL when all have. To contribute: copy
 * *zkey_key(old), change the header and the contributions, and take the sources of L and H away. */
bool zkey_write(const char *path, ZkeyOrder order, const Phase2Key *key, const ZkeyMaker *maker,
                CvkErr *err) MUST_USE;
