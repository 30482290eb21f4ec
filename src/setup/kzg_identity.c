#include "setup/kzg_identity.h"

#include "base/hex.h"
#include "base/limits.h"

#include <stddef.h>
#include <string.h>

#define ETH_PREFIX "eth|0x"
#define GIT_PREFIX "git|"
#define GIT_DIGITS_MAX 20 /* of a 64-bit account number */
#define GIT_LOGIN_MAX 64  /* GitHub: 39, and managed accounts have a suffix */

static const char digits[] = "0123456789";
static const char login_chars[] =
    "0123456789-_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

bool kzg_identity_eth(const char *id, uint8_t ret_address[20]) {
    size_t n_prefix = strlen(ETH_PREFIX);
    return strncmp(id, ETH_PREFIX, n_prefix) == 0 && strlen(id) == n_prefix + 40 &&
           cvk_hex_decode(id + n_prefix, 20, ret_address);
}

static bool is_git(const char *id) {
    if (strncmp(id, GIT_PREFIX, strlen(GIT_PREFIX)) != 0)
        return false;
    const char *at = id + strlen(GIT_PREFIX);
    size_t n = strspn(at, digits);
    if (n == 0 || n > GIT_DIGITS_MAX || at[n] != '|')
        return false;
    at += n + 1;
    if (*at == '@')
        at++;
    n = strspn(at, login_chars);
    return n >= 1 && n <= GIT_LOGIN_MAX && at[n] == '\0';
}

bool kzg_identity_is_valid(const char *id) {
    uint8_t address[20];
    return strnlen(id, LIMIT_IDENTITY + 1) <= LIMIT_IDENTITY &&
           (kzg_identity_eth(id, address) || is_git(id));
}
