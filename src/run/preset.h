/* A ceremony's definition: what its operator chose, as JSON that never changes afterwards (its hash
 * is the journal's first event). Presets are named sets of choices; settings override single ones.
 */
#pragma once

#include "base/err.h"
#include "engine/engine.h"

/* Whose wallet signs in, besides the holders of invitations. */
typedef enum {
    WALLETS_NONE = 0, /* also what definitions mean that do not say: they are older */
    WALLETS_INVITED,  /* addresses that the operator entered */
    WALLETS_ANY,
    WALLETS_N
} Wallets;
const char *wallets_name(Wallets w); /* "none", "invited", "any" */

typedef struct {
    char name[64];
    char kind[16];
    char sizes[512]; /* the kind's own text: for kzg "4096,65:8192,65" */
    EnginePolicy policy;
    Wallets wallets;
} Definition;

/* `sizes` may be NULL (the preset's), `settings` a NULL-terminated list of "key=value" or NULL.
 * False (CVK_EBADREQ): "preset.unknown", "setting.unknown", "setting.value", "ceremony.name". */
bool definition_make(const char *name, const char *preset, const char *sizes,
                     const char *const *settings, Definition *ret, CvkErr *err) MUST_USE;

/* Compact JSON; the caller frees. */
char *definition_write(const Definition *d, CvkErr *err) MUST_USE;
bool definition_read(const char *json, Definition *ret, CvkErr *err) MUST_USE;
