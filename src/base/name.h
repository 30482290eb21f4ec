/* Names and ids that people give: letters, digits, '-' and '_', so that they stand in paths,
 * addresses and files as they are. Threads: pure functions. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#define CVK_NAME_CHARS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

/* Is it 1 to max of these? */
bool cvk_name_ok(const char *name, size_t max);
