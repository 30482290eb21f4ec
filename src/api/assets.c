#include "api/assets.h"

#include "api/app.h"

static void reply_asset(HttpRequest *r, const char *type, const Asset *asset) {
    http_reply_header(r, "Cache-Control", "public, max-age=3600");
    http_reply(r, 200, type, asset->data, asset->n);
}

static void style(HttpRequest *r) {
    reply_asset(r, "text/css", &asset_style_css);
}

const HttpHandler on_style = {.on_end = style};

static void script(HttpRequest *r) {
    reply_asset(r, "text/javascript", &asset_sign_in_js);
}

const HttpHandler on_script = {.on_end = script};
