/* The vectors of the small ceremony as texts for our own readers. Include after support/test.h. */
#pragma once

#include "support/kzg_fixture.h"

/* All of them; json_decref. */
static inline json_t *mini_load(void) {
    return fixture_json("tests/vectors/kzg/mini_ceremony_vectors.json");
}

/* A document of it, written by jansson; the caller frees. */
static inline char *mini_text(json_t *document, unsigned indent) {
    char *text = json_dumps(document, indent == 0 ? JSON_COMPACT : JSON_INDENT(indent));
    assert_non_null(text);
    return text;
}
