#include "http/route.h"

#include <string.h>

/* Cuts the slash at the end off; "/" itself stays. */
static size_t trim(char *path) {
    size_t n = strlen(path);
    if (n > 1 && path[n - 1] == '/')
        path[--n] = '\0';
    return n;
}

static bool path_matches(const char *pattern, const char *path, size_t n, const char **ret_tail) {
    size_t pattern_n = strlen(pattern);
    *ret_tail = "";
    if (pattern_n == 0 || pattern[pattern_n - 1] != '*')
        return n == pattern_n && memcmp(pattern, path, n) == 0;
    size_t fixed = pattern_n - 1;
    if (n <= fixed || memcmp(pattern, path, fixed) != 0 || memchr(path + fixed, '/', n - fixed))
        return false;
    *ret_tail = path + fixed;
    return true;
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
    size_t path_n = trim(path);
    ret_allow[0] = '\0';
    for (size_t i = 0; i < n; i++) {
        const char *tail;
        if (!path_matches(routes[i].pattern, path, path_n, &tail))
            continue;
        if (method_matches(routes[i].method, method)) {
            *ret = &routes[i];
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
