/* What the ways to sign in share: links and their callbacks (sign_in.c), the page (sign_in_page.c),
 * programs with a wallet's key (login.c). Each brings a proof; one function asks the node about it
 * and puts the verdict into the protocol's words. */
#pragma once

#include "api/app.h"
#include "auth/auth.h"
#include "codec/json_write.h"

#define CODE_MAX 512 /* an invitation, or a signature as hex */

/* An attempt to sign in. */
typedef struct {
    SignedIn in;
    ApiError refused;                  /* code NULL: it was not */
    CvkErr why;                        /* refused.text may lie in it */
    char redirect[LIMIT_REDIRECT + 1]; /* where the state leads; "": nowhere */
} Attempt;
/* proof->server is of no account here: it is ours. False: the reply is set (a state that is not
 * ours, or the server's own trouble). */
bool sign_in(HttpRequest *r, const SignInProof *proof, Attempt *ret) MUST_USE;
/* To people and those who were sent: by the redirect, as a page, or as JSON. */
void reply_attempt(HttpRequest *r, const Attempt *a);
/* "id_token" and "session_id". */
void put_signed_in(JsonWriter *w, const SignedIn *in);

extern const ApiError wallets_not_offered, server_unnamed;
/* The name by which people mean this server when they sign: that of --public-url, else the address
 * that this request came to. What they call us otherwise (Host) may be another site's name, which
 * passes on what was signed for it. False: none. */
bool server_name(const HttpRequest *r, char ret[AUTH_SERVER_MAX]) MUST_USE;

/* A field of a query or a form. False: the reply says what is wrong with it. */
bool check_field(HttpRequest *r, FormResult got, const char *name) MUST_USE;

/* {"message","signature"} or {"sig","ethAddress"}, as a wallet's client posts it; other keys are
 * passed over. */
typedef struct {
    ProofKind kind; /* PROOF_WALLET or PROOF_CONSTANT */
    char message[LIMIT_SIWE + 1];
    char address[64];
    char code[CODE_MAX];
} LoginBody;
/* False (CVK_EBADREQ, CVK_ELIMIT): it is neither. */
bool login_body_read(const char *json, size_t n, LoginBody *ret, CvkErr *err) MUST_USE;
/* As a proof; refers to it. */
SignInProof login_proof(const LoginBody *body, const char *state);
/* Reads one that may sign in here. False: the reply is 400, or 403 for the constant text. */
bool take_login(HttpRequest *r, const char *json, size_t n, LoginBody *ret) MUST_USE;
