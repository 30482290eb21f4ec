/* GET and POST /auth/sign_in: the page where people sign in, and its form. The form takes an
 * invitation; a script of ours beside it asks a wallet for its signature and sends that by a form
 * of the same shape, whose field `wallet` is what POST /login takes. So one answer serves both, and
 * the redirect of the state is followed by the browser itself. Without JavaScript the invitation
 * still works. */
#include "api/body.h"
#include "api/sign_in.h"

#include <string.h>

/* The origin of a redirect that auth_redirect_allowed let pass, for the page's policy; "" for what
 * could not stand there. */
static void origin_of(const char *redirect, char ret[LIMIT_REDIRECT + 1]) {
    const char *host = strstr(redirect, "://");
    size_t n = host != NULL ? (size_t)(host + 3 - redirect) + strcspn(host + 3, "/?#") : 0;
    if (strcspn(redirect, " ;,'\"\\") < n)
        n = 0;
    memcpy(ret, redirect, n);
    ret[n] = '\0';
}

static bool offers_wallets(const HttpRequest *r) {
    return ceremony_wallets(app_ceremony(r)) != WALLETS_NONE;
}

/* What the script makes of it stands in pages/sign_in.js; without a script it stays hidden. */
static bool add_wallet(CvkBuf *b, const HttpRequest *r) {
    return cvk_buf_add_str(b, "<section id=\"wallet\" hidden data-nonce=\"", NULL) &&
           add_base_url(r, b, NULL) &&
           cvk_buf_add_str(b,
                           "/auth/nonce\">\n<h2>Or sign in with your Ethereum wallet</h2>\n"
                           "<p>Your wallet shows a message and asks you to sign it. That costs "
                           "nothing, sends nothing to Ethereum, and gives nobody power over your "
                           "account.</p>\n<div></div>\n<p role=\"status\"></p>\n</section>\n"
                           "<noscript><p>Signing in with an Ethereum wallet needs JavaScript; with "
                           "an invitation it does not.</p></noscript>\n<script type=\"module\" "
                           "src=\"",
                           NULL) &&
           add_base_url(r, b, NULL) && cvk_buf_add_str(b, "/sign_in.js\"></script>\n", NULL);
}

static bool add_sign_in(CvkBuf *b, const HttpRequest *r, const char *state, const char *redirect) {
    bool ok =
        page_begin(b, r, "Sign in to contribute", NULL) &&
        cvk_buf_add_str(b,
                        "<p>Paste the invitation that you were given. It is your key to this "
                        "ceremony: give it to nobody else, and use it only here or with "
                        "<code>convoke contribute</code>, which does not even send it.</p>\n"
                        "<form method=\"post\" action=\"",
                        NULL) &&
        add_base_url(r, b, NULL) &&
        cvk_buf_add_str(b, "/auth/sign_in\">\n<input type=\"hidden\" name=\"state\" value=\"",
                        NULL) &&
        html_add(b, state, NULL) &&
        cvk_buf_add_str(b,
                        "\">\n<label for=\"code\">Invitation</label>\n<input id=\"code\" "
                        "name=\"code\" type=\"password\" autocomplete=\"off\" required autofocus>\n"
                        "<button>Sign in</button>\n</form>\n",
                        NULL);
    if (offers_wallets(r))
        ok = ok && add_wallet(b, r);
    if (redirect[0] != '\0')
        ok = ok && cvk_buf_add_str(b, "<p>You then return to <code>", NULL) &&
             html_add(b, redirect, NULL) && cvk_buf_add_str(b, "</code>.</p>\n", NULL);
    return ok && page_end(b, NULL);
}

static void reply_sign_in_page(HttpRequest *r, const char *state, const char *redirect) {
    char origin[LIMIT_REDIRECT + 1];
    _cleanup_buf_ CvkBuf b = CVK_BUF(PAGE_MAX);
    origin_of(redirect, origin);
    bool ok = add_sign_in(&b, r, state, origin);
    reply_page_with(r, 200, &b, ok, origin, offers_wallets(r));
}

/* Browsers follow a form's answer only where the page's policy allows it, so the page must know
 * where the state leads: an attempt with no code tells, and signs nobody in. */
static void sign_in_page(HttpRequest *r) {
    char state[AUTH_STATE_MAX];
    Attempt a;
    if (!check_field(r, http_query_get(r, "state", state, sizeof state), "state"))
        return;
    const SignInProof nobody = {.state = state, .code = ""};
    if (sign_in(r, &nobody, &a))
        reply_sign_in_page(r, state, a.redirect);
}

const HttpHandler on_sign_in_page = {.on_end = sign_in_page};

static void begin_form(HttpRequest *r) {
    body_begin_form(r, LIMIT_FORM);
}

/* What a wallet signed, as JSON in a field of the form. *ret_there false: it has none. */
static bool take_wallet(HttpRequest *r, const char *form, size_t n, LoginBody *ret,
                        bool *ret_there) {
    char json[LIMIT_LOGIN];
    FormResult got = form_get(form, n, "wallet", json, sizeof json);
    *ret_there = got != FORM_ABSENT;
    if (got == FORM_ABSENT)
        return true;
    return check_field(r, got, "wallet") && take_login(r, json, strlen(json), ret);
}

static void end_form(HttpRequest *r) {
    char code[CODE_MAX], state[AUTH_STATE_MAX];
    LoginBody wallet;
    bool by_wallet;
    size_t n;
    Attempt a;
    const char *form = body_text(r, &n);
    if (!take_wallet(r, form, n, &wallet, &by_wallet) ||
        (!by_wallet && !check_field(r, form_get(form, n, "code", code, sizeof code), "code")) ||
        !check_field(r, form_get(form, n, "state", state, sizeof state), "state"))
        return;
    const SignInProof proof =
        by_wallet ? login_proof(&wallet, state) : (SignInProof){.state = state, .code = code};
    if (sign_in(r, &proof, &a))
        reply_attempt(r, &a);
}

const HttpHandler on_sign_in_form = {
    .on_headers = begin_form, .on_body = body_take, .on_end = end_form, .on_done = body_free};
