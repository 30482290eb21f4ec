#include "cli/hash_block.h"

#include "base/hex.h"
#include "cli/say.h"

#include <stdio.h>

void hash_block_text(const uint8_t hash[BLAKE2B_BYTES], char ret[HASH_BLOCK_TEXT]) {
    char *at = ret;
    for (size_t word = 0; word < BLAKE2B_BYTES / 4; word++) {
        if (word % 4 == 0) {
            *at++ = '\t';
            *at++ = '\t';
        }
        cvk_hex_encode(hash + 4 * word, 4, at);
        at += 8;
        *at++ = word % 4 == 3 ? '\n' : ' ';
    }
    *at = '\0';
}

void say_hash(const char *title, const uint8_t hash[BLAKE2B_BYTES]) {
    char text[HASH_BLOCK_TEXT];
    hash_block_text(hash, text);
    say_result("%s", title);
    fputs(text, stdout);
    fflush(stdout);
}
