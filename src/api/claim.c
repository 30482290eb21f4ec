#include "api/claim.h"

#include "base/alloc.h"
#include "base/limits.h"
#include "format/doc.h"

#include <string.h>
#include <strings.h>

enum { C_ID_TYPE, C_ID, C_N };

static bool claim_field(JsonReader *r, size_t which, void *ctx, CvkErr *err) {
    Claim *c = ctx;
    if (which == C_ID)
        return doc_text(r, c->id, sizeof c->id, err);
    return doc_text(r, c->id_type, sizeof c->id_type, err);
}

bool claim_read(const char *json, size_t n, Claim *ret, CvkErr *err) {
    static const char *const names[C_N] = {[C_ID_TYPE] = "idType", [C_ID] = "id"};
    static const DocObject kind = {
        .names = names, .n = C_N, .optional = ~0u, .open = true, .field = claim_field};
    JsonMemory memory = {.data = json, .n = n};
    Claim claim = {.id_type = ""};
    _cleanup_(json_reader_free_at) JsonReader *r =
        json_reader_new(json_from_memory(&memory), LIMIT_QUEUE_BODY, err);
    if (r == NULL || !doc_object(r, &kind, &claim, err) || !json_read_end(r, err))
        return false;
    *ret = claim;
    return true;
}

bool claim_is_own(const Claim *c, const Identity *own) {
    IdentityKind kind = own->kind;
    if (strcmp(c->id_type, "ethAddress") == 0)
        kind = IDENTITY_ETHEREUM;
    else if (strcmp(c->id_type, "githubHandle") == 0)
        kind = IDENTITY_GITHUB;
    else if (c->id_type[0] != '\0')
        return false;
    const char *name = own->kind == IDENTITY_GITHUB && c->id[0] == '@' ? c->id + 1 : c->id;
    return kind == own->kind && (c->id[0] == '\0' || strcasecmp(name, own->nickname) == 0 ||
                                 strcasecmp(c->id, own->text) == 0);
}
