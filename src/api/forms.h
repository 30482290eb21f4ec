/* The forms in which documents go out (http/accept.h, run/cache.c): who wishes which, and what the
 * answer says about it. A wish that cannot be met is no error: JSON goes, as to those who wish
 * nothing (the original server looks at no Accept). Threads: any. */
#pragma once

#include "http/request.h"
#include "run/ceremony.h"

/* Of a document that also has a binary form (`binary`), or only JSON. Not in jobs. */
CeremonyForm wished_form(const HttpRequest *r, bool binary);

/* 200 with the file, whose descriptor is taken over. */
void reply_document(HttpRequest *r, const CeremonyFile *file);
