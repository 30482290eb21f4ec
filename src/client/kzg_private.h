/* The inside of a KzgClient, shared by kzg.c and kzg_sign_in.c. Nobody else includes this. */
#pragma once

#include "client/kzg.h"

#define KZG_CLIENT_SMALL_S                                                                         \
    120                         /* a whole small answer: who sends it byte by byte plays for time  \
                                 */
#define KZG_CLIENT_URL_MAX 6000 /* a sign-in address carries a sealed state and a signature */

struct KzgClient {
    Asker asker;
    char url[1024]; /* no slash at the end */
    char session[AUTH_SESSION_TEXT];
};

/* One answer that is no overload, however long the network takes to give it. A file of the request
 * is emptied before it is tried again. *ret_tries counts the requests that went out. */
bool kzg_client_ask(KzgClient *c, const WebRequest *rq, const char *doing, WebReply *ret,
                    KzgReplyMeaning *ret_meaning, unsigned *ret_tries, CvkErr *err) MUST_USE;
/* The same for a small answer to GET url + path. */
bool kzg_client_get(KzgClient *c, const char *path, const char *doing, WebReply *ret,
                    KzgReplyMeaning *ret_meaning, CvkErr *err) MUST_USE;
