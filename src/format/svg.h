/* A figure as SVG 1.1: vector text in the reader's own sans serif, lines that print well, colours
 * that people with any colour vision tell apart (Okabe and Ito's), and different dashes and marks
 * beside the colours. Pure. */
#pragma once

#include "base/buf.h"
#include "format/figure.h"

/* Adds a whole <svg> element, which may also stand in HTML. "figure.short": its memory ran short
 * while it was made. */
bool svg_add(CvkBuf *to, const Figure *f, CvkErr *err) MUST_USE;

/* Adds text with the signs that mark-up knows written as entities; control characters and what is
 * no UTF-8 as question marks. Also right within quotes. */
bool markup_add(CvkBuf *to, const char *text, CvkErr *err) MUST_USE;
