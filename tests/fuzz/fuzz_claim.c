#include "api/claim.h"
#include "fuzz/fuzz.h"

/* What is read stays within its limits, and is the address's or the login's, never both's. */
void fuzz_one(const uint8_t *data, size_t n) {
    Claim c;
    CvkErr err;
    Identity eth, git;
    if (!claim_read(n > 0 ? (const char *)data : "", n, &c, &err))
        return;
    assert(memchr(c.id, '\0', sizeof c.id) != NULL);
    assert(memchr(c.id_type, '\0', sizeof c.id_type) != NULL);
    bool ok = identity_parse("eth|0x000000000000000000000000000000000000dead", &eth, &err) &&
              identity_parse("git|123|Octo-Cat", &git, &err);
    assert(ok);
    bool both = claim_is_own(&c, &eth) && claim_is_own(&c, &git);
    assert(!both || (c.id[0] == '\0' && c.id_type[0] == '\0'));
}
