#include "base/file.h"
#include "cli/contribute.h"
#include "codec/json_write.h"
#include "format/kzg_form.h"

#include <jansson.h>
#include <string.h>
#include <unistd.h>

#define REQUEST_FORM "convoke-request-v1"

bool participant_make_dir(const Participant *p, CvkErr *err) {
    char path[LIMIT_PATH];
    if (!cvk_dir_make(p->dir, 0700, err) || !cvk_path(path, p->dir, "receipt.json", err))
        return false;
    if (cvk_file_exists(path))
        return cvk_fail(err, CVK_ECONFLICT, "dir.receipt",
                        "%s holds a receipt already: name another directory with --dir",
                        CVK_SHOWN(p->dir));
    return true;
}

bool participant_save(const Participant *p, const char *name, const void *data, size_t n,
                      CvkErr *err) {
    char path[LIMIT_PATH];
    return cvk_path(path, p->dir, name, err) && cvk_file_write(path, data, n, 0600, err);
}

bool participant_load(const Participant *p, const char *name, CvkBuf *b, CvkErr *err) {
    char path[LIMIT_PATH];
    return cvk_path(path, p->dir, name, err) && cvk_file_read(path, b, err);
}

void participant_remove(const Participant *p, const char *name) {
    char path[LIMIT_PATH];
    if (cvk_path(path, p->dir, name, NULL))
        unlink(path);
}

bool participant_save_request(const Participant *p, CvkErr *err) {
    char sizes[KZG_SIZES_TEXT];
    _cleanup_buf_ CvkBuf b = CVK_BUF(LIMIT_TEXT_FILE);
    JsonWriter w = JSON_WRITER(json_to_buf(&b), 2);
    kzg_sizes_format(&p->sizes, sizes);
    const char *const fields[][2] = {
        {"form", REQUEST_FORM},    {"url", p->url},  {"session", kzg_client_session(p->client)},
        {"identity", p->identity}, {"sizes", sizes}, {"type", kzg_form_type(p->form)}};
    json_object_begin(&w);
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        json_put_key(&w, fields[i][0]);
        json_put_str(&w, fields[i][1]);
    }
    json_object_end(&w);
    return json_finish(&w, err) && participant_save(p, "request.json", b.data, b.n, err);
}

static bool take(const json_t *doc, const char *key, char *ret, size_t cap) {
    const char *text = json_string_value(json_object_get(doc, key));
    if (text == NULL || strlen(text) >= cap)
        return false;
    memcpy(ret, text, strlen(text) + 1);
    return true;
}

bool participant_load_request(Participant *p, char ret_session[AUTH_SESSION_TEXT], CvkErr *err) {
    char form[32], sizes[KZG_SIZES_TEXT], type[64];
    _cleanup_buf_ CvkBuf b = CVK_BUF(LIMIT_TEXT_FILE);
    if (!participant_load(p, "request.json", &b, err))
        return cvk_fail_prefix(err, "no request in %s (start with --offline request)",
                               CVK_SHOWN(p->dir));
    json_t *doc = json_loadb(cvk_buf_str(&b), b.n, JSON_REJECT_DUPLICATES, NULL);
    bool ok = take(doc, "form", form, sizeof form) && strcmp(form, REQUEST_FORM) == 0 &&
              take(doc, "url", p->url, sizeof p->url) &&
              take(doc, "session", ret_session, AUTH_SESSION_TEXT) &&
              take(doc, "identity", p->identity, sizeof p->identity) &&
              take(doc, "sizes", sizes, sizeof sizes);
    bool binary = ok && take(doc, "type", type, sizeof type) && strcmp(type, KZG_BINARY_TYPE) == 0;
    p->form = binary ? KZG_FORM_BINARY : KZG_FORM_JSON; /* what earlier versions did not say */
    json_decref(doc);
    if (!ok)
        return cvk_fail(err, CVK_EBADREQ, "request.shape", "%s/request.json is damaged",
                        CVK_SHOWN(p->dir));
    return kzg_sizes_parse(sizes, &p->sizes, err);
}
