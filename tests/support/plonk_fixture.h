/* A published key and a proof that is valid under it, from the shared data's JSON: numbers by name
 * as Ethereum's verifier has them. Include after support/test.h and support/shared.h.
 *
 * From them are made the two files as they are published, by a list of places that is not the
 * reader's. */
#pragma once

#include "format/plonk_proof.h"

#include <stddef.h>
#include <stdint.h>

#define PLONK_EXAMPLE "plonk_zksync_example.json"
#define PLONK_UNIT_TEST "plonk_zksync_unittest.json"
#define PLONK_EXAMPLE_BYTES 1723

typedef struct PlonkFixture PlonkFixture;

/* Without the shared data the running test is skipped. */
PlonkFixture *plonk_fixture_open(const char *name);
PlonkFixture *plonk_fixture_free(PlonkFixture *f);

/* 32 bytes, big endian. `object`: "vk", "intermediate"; NULL: the document itself. */
void plonk_fixture_number(const PlonkFixture *f, const char *object, const char *name,
                          uint8_t ret_be[32]);
void plonk_fixture_word(const PlonkFixture *f, size_t i, uint8_t ret_be[32]);

/* The proof's file, with zeros for the four hashes. */
void plonk_fixture_proof(const PlonkFixture *f, uint8_t ret[PLONK_EXAMPLE_BYTES]);
/* Where word i lies in it, 32 bytes little endian; and the public input. */
size_t plonk_fixture_place(size_t i);
#define PLONK_INPUT_PLACE 144

/* The key's file. The caller frees it. */
char *plonk_fixture_key(const PlonkFixture *f);
PlonkKey plonk_fixture_key_read(const char *text);

/* The published proof itself. */
void plonk_example_bytes(uint8_t ret[PLONK_EXAMPLE_BYTES]);
