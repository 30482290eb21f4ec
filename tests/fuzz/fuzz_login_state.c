#include "auth/auth.h"
#include "auth/redirect.h"
#include "fuzz/fuzz.h"

/* Strangers' states, codes, invitations and redirects: none was sealed with our secret, so none
 * opens; an invitation that parses is written as it came. */
void fuzz_one(const uint8_t *data, size_t n) {
    static const uint8_t secret[32] = {1};
    char text[AUTH_STATE_MAX + 64], redirect[LIMIT_REDIRECT + 1], again[AUTH_INVITATION_TEXT];
    size_t kept = n < sizeof text ? n : sizeof text - 1;
    uint8_t key[32], address[20];
    CvkErr err;
    if (kept != 0)
        memcpy(text, data, kept);
    text[kept] = '\0';
    Auth *a = auth_new(secret, &err);
    assert(a != NULL);
    bool opened = auth_state_open(a, text, 1, redirect, &err);
    assert(!opened);
    auth_free(a);
    if (auth_invitation_parse(text, key)) {
        auth_invitation_format(key, again);
        assert(strcmp(again, text) == 0);
    }
    if (auth_redirect_allowed(text, ""))
        assert(strncmp(text, "http", 4) == 0 && strpbrk(text, "\r\n") == NULL);
    char name[AUTH_SERVER_MAX];
    if (auth_server_name(text, name))
        assert(strpbrk(name, "/@\r\n ") == NULL && name[0] != '\0');
    if (auth_code_address("127.0.0.1:3000", "state", text, address))
        assert(strlen(text) == 2 + 2 * ETH_SIGNATURE_BYTES);
}
