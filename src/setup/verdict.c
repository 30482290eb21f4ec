#include "setup/verdict.h"

#include <stdarg.h>
#include <stdio.h>

bool verdict_refuse(Verdict *v, const char *id, const char *fmt, ...) {
    if (!v->valid)
        return false;
    va_list args;
    va_start(args, fmt);
    vsnprintf(v->text, sizeof v->text, fmt, args);
    va_end(args);
    v->valid = false;
    v->id = id;
    return false;
}
