/* Where sign-in may lead people, with a session id in its hands. What could be read in two ways is
 * refused: the browser is the one that reads it in the end. Threads: pure functions. */
#pragma once

#include "base/err.h"

/* The redirects that sign-in may lead to: loopback hosts and those allowed by the operator
 * (`allowed`: a comma-separated list of origins such as https://example.org; may be ""). A host
 * counts whatever its capitals, and the scheme's own port may be named or not. */
bool auth_redirect_allowed(const char *redirect, const char *allowed);
/* Is each of the list an origin, and nothing more? CVK_EBADREQ "redirect.origin" names the first
 * that is not: a path there would look as if only what lies below it were allowed. */
bool auth_redirects_check(const char *allowed, CvkErr *err) MUST_USE;
