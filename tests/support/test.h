/* What every cmocka test file includes, in the order that cmocka wants. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEST(fn) cmocka_unit_test(fn)

/* One in how many of a long row of alike cases is tried where sanitizers make each several times as
 * slow: what they look for is in all of them, and the build without them tries every one. Where
 * there is a curve for each case, more than 1 means that a case is tried on one of the curves. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define TEST_ONE_IN 4
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define TEST_ONE_IN 4
#endif
#endif
#ifndef TEST_ONE_IN
#define TEST_ONE_IN 1
#endif
