#include "api/forms.h"

#include "format/kzg_binary.h"
#include "http/accept.h"

/* Only for who names it, and wishes it at least as much as JSON. */
static bool wishes_binary(const char *accept) {
    AcceptWish binary = accept_type(accept, KZG_BINARY_TYPE);
    AcceptWish json = accept_type(accept, "application/json");
    return binary.named && binary.q != 0 && binary.q >= json.q;
}

CeremonyForm wished_form(const HttpRequest *r, bool binary) {
    if (binary && wishes_binary(http_header(r, "Accept")))
        return AS_BINARY;
    return accept_gzip(http_header(r, "Accept-Encoding")) ? AS_GZIP : AS_JSON;
}

void reply_document(HttpRequest *r, const CeremonyFile *file) {
    const char *type = file->form == AS_BINARY ? KZG_BINARY_TYPE : "application/json";
    http_reply_header(r, "Vary", "Accept, Accept-Encoding");
    http_reply_file(r, 200, type, file->fd, file->size, file->etag);
    if (file->form == AS_GZIP)
        http_reply_encoding(r, "gzip");
}
