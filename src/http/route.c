#include "http/route.h"

#include <string.h>

/* Cuts the slash at the end off; "/" itself stays. */
static void trim(char *path) {
    size_t n = strlen(path);
    if (n > 1 && path[n - 1] == '/')
        path[n - 1] = '\0';
}

static bool path_matches(const char *pattern, const char *path, const char **ret_tail) {
    const char *tail = NULL;
    bool any_slashes = strncmp(pattern, "//", 2) == 0;
    pattern += any_slashes;
    while (*pattern != '\0')
        if (*pattern == '*') {
            size_t segment = strcspn(path, "/");
            if (segment == 0)
                return false;
            tail = tail != NULL ? tail : path;
            path += segment;
            pattern++;
        } else if (*pattern != *path++) {
            return false;
        } else if (*pattern++ == '/' && any_slashes) {
            path += strspn(path, "/");
        }
    if (any_slashes)
        path += strspn(path, "/");
    *ret_tail = tail != NULL ? tail : "";
    return *path == '\0';
}

static bool method_matches(const char *has, const char *wanted) {
    return strcmp(has, wanted) == 0 || (strcmp(has, "GET") == 0 && strcmp(wanted, "HEAD") == 0);
}

static void allow(char ret[ROUTE_ALLOW_MAX], const char *method) {
    const char *parts[] = {ret[0] != '\0' ? ", " : "", method,
                           strcmp(method, "GET") == 0 ? ", HEAD" : ""};
    size_t n = strlen(ret);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        size_t part_n = strlen(parts[i]);
        if (n + part_n < ROUTE_ALLOW_MAX) {
            memcpy(ret + n, parts[i], part_n + 1);
            n += part_n;
        }
    }
}

RouteResult route_find(const HttpRoute *routes, size_t n, const char *method, char *path,
                       const HttpRoute **ret, const char **ret_tail,
                       char ret_allow[ROUTE_ALLOW_MAX]) {
    trim(path);
    ret_allow[0] = '\0';
    *ret = NULL;
    *ret_tail = "";
    for (size_t i = 0; i < n; i++) {
        const char *tail;
        if (!path_matches(routes[i].pattern, path, &tail))
            continue;
        *ret = &routes[i];
        if (method_matches(routes[i].method, method)) {
            *ret_tail = tail;
            return ROUTE_FOUND;
        }
        allow(ret_allow, routes[i].method);
    }
    if (ret_allow[0] == '\0')
        return ROUTE_NO_PATH;
    allow(ret_allow, "OPTIONS");
    return strcmp(method, "OPTIONS") == 0 ? ROUTE_OPTIONS : ROUTE_NO_METHOD;
}
