/* Which handler a request is for. A pattern is a path such as "/info/status"; one that ends in a
 * slash and a star matches any one further segment ("/receipt/7"), which is the request's tail. A
 * slash at the end of a request's path is ignored. Threads: pure functions. */
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
    ROUTE_NO_METHOD, /* 405: ret_allow lists the methods there are */
    ROUTE_OPTIONS,   /* a preflight for a path that exists: ret_allow too */
} RouteResult;

#define ROUTE_ALLOW_MAX 64

/* Cuts the slash off the end of `path`. *ret_tail points into it ("" unless the pattern has a
 * star). */
RouteResult route_find(const HttpRoute *routes, size_t n, const char *method, char *path,
                       const HttpRoute **ret, const char **ret_tail,
                       char ret_allow[ROUTE_ALLOW_MAX]);
