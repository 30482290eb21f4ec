/* A kind of ceremony without mathematics, for simulations: it lets everything else run for real.
 *
 * The state is a number that each contribution changes. A challenge is the line "state <16 hex
 * digits>"; a response names the state that it extends, itself, and what it is:
 *
 *     <state> <nonce> valid|invalid        both 16 hex digits
 *
 * Judging it: extends another state than the present one -> refused, "Sim::WrongState"; `invalid`
 * -> refused, "Sim::Invalid"; a nonce (its public key) that was used -> refused, "Sim::KeySeen".
 * Any other line is malformed. Threads: the callers'. */
#pragma once

#include "run/kind.h"

#define SIM_RESPONSE_MAX 64

typedef enum { SIM_VALID, SIM_INVALID, SIM_NOT_JSON, SIM_WRONG_SHAPE } SimResponse;

extern const Kind KIND_SIM; /* "sim" */

/* The state after a valid response with this nonce. */
uint64_t sim_kind_next(uint64_t state, uint64_t nonce);
/* The bytes of a response; returns how many. */
size_t sim_kind_respond(uint64_t state, uint64_t nonce, SimResponse what,
                        char ret[SIM_RESPONSE_MAX]);
/* The state that a challenge names; false: these bytes are no challenge. */
bool sim_kind_challenge(const char *bytes, size_t n, uint64_t *ret_state);
