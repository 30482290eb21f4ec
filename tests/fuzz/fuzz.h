/* What a fuzz target defines. It is called by libFuzzer (libfuzzer.c) and by the replay of the
 * corpus in every build (replay.c). */
#pragma once

#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Gives one input to the decoder and assert()s what must hold for any input: no crash, and whatever
 * was accepted survives a round trip. Keeps no state from one call to the next. `data` is NULL only
 * when n is 0. */
void fuzz_one(const uint8_t *data, size_t n);
