/* Hashes of 64 bytes as the circuit world shows and compares them: four lines, each with two tabs
 * and four words of eight digits. */
#pragma once

#include "base/blake2b.h"

/* Four lines with their ends. */
#define HASH_BLOCK_TEXT (4 * (2 + 4 * 9) + 1)
void hash_block_text(const uint8_t hash[BLAKE2B_BYTES], char ret[HASH_BLOCK_TEXT]);

/* The title on a line of standard output (a stranger's characters cannot move the cursor), and the
 * block below it. */
void say_hash(const char *title, const uint8_t hash[BLAKE2B_BYTES]);
