/* The files that pages refer to. They lie in src/api/pages as what they are, and are made part of
 * the program when it is built (pages/embed.py). */
#pragma once

#include <stddef.h>

typedef struct {
    const unsigned char *data;
    size_t n;
} Asset;

extern const Asset asset_style_css, asset_sign_in_js;
