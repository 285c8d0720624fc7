/* page.h - what cmake/page.cmake makes of the sources beside this file. */
#ifndef STAGEBOX_APP_WEB_PAGE_PAGE_H
#define STAGEBOX_APP_WEB_PAGE_PAGE_H

#include <stddef.h>
#include <stdint.h>

extern const uint8_t page_gzip[];
extern const size_t page_gzip_len;
extern const size_t page_len;         /* uncompressed */
extern const char page_digest[];      /* of the content, 16 hex digits */
extern const char page_policy[];      /* Content-Security-Policy: only the page's own script and style, by digest */

#endif
