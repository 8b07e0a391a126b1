/* The little Markdown that our own documentation pages use, as a page of HTML. */
#ifndef SO_HTTP_MARKDOWN_H
#define SO_HTTP_MARKDOWN_H

#include "base/mem.h"

/* Headings, paragraphs, lists of one level, code blocks and spans, bold, links to http(s) and our own paths. Everything
 * else, HTML included, comes out as text. */
char *so_markdown_page(TALLOC_CTX *ctx, const char *text, size_t len);

#endif
