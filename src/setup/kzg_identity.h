/* Who a contribution stands in the name of, as the KZG protocol writes it (reference 2.3 and 2.6):
 * "eth|0x<40 lower hex>", or "git|<account number>|<login>", the login with or without "@". What a
 * transcript may hold; which forms a server gives out is its own choice. Threads: pure. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Is `id` of one of those forms? The empty string, which only entry 0 has, is not. */
bool kzg_identity_is_valid(const char *id);

/* The address of an "eth|" identity. False: it is of another form. */
bool kzg_identity_eth(const char *id, uint8_t ret_address[20]) __attribute__((warn_unused_result));
