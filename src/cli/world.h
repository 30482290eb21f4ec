/* The real clock, chance and network for a KzgClient, with what happens told on standard error; and
 * the threads that a command computes with. */
#pragma once

#include "base/pool.h"
#include "client/kzg.h"

ClientWorld world_real(WebClient *web);

/* `threads` in all, the calling one among them; 0 = as many as the machine has. *ret is NULL for
 * one. */
bool world_pool(uint64_t threads, CvkPool **ret, CvkErr *err) MUST_USE;
