/* Which handler a request is for. A pattern is a path such as "/info/status"; a star in it stands
 * for any one segment ("/receipt/7" is for "/receipt/" and a star), and what follows from the first
 * one on is the request's tail. A slash at the end of a request's path is ignored; for a pattern
 * that begins with two ("//get_batch") so are further ones, wherever they are: nobody is ever
 * redirected for such things. Threads: pure functions. */
#pragma once

#include "base/err.h"

#include <stddef.h>

typedef struct HttpHandler HttpHandler;

typedef struct {
    const char *method; /* "GET" (serves HEAD as well), "POST" */
    const char *pattern;
    const HttpHandler *handler;
    unsigned class_; /* the application's own: HttpOptions.admit is told */
} HttpRoute;

typedef enum {
    ROUTE_FOUND = 0,
    ROUTE_NO_PATH,   /* 404 */
    ROUTE_NO_METHOD, /* 405: ret_allow lists the methods there are, *ret is one of them */
    ROUTE_OPTIONS,   /* a preflight for a path that exists: ret_allow too */
} RouteResult;

#define ROUTE_ALLOW_MAX 64

/* Cuts the slash off the end of `path`. *ret_tail points into it ("" unless the
 * pattern has a star); *ret is NULL when the path is nobody's. */
RouteResult route_find(const HttpRoute *routes, size_t n, const char *method, char *path,
                       const HttpRoute **ret, const char **ret_tail,
                       char ret_allow[ROUTE_ALLOW_MAX]);
