/* The XML scanner, and that whatever is written as text is read as text again and is ASCII. */
#include <stdlib.h>
#include <string.h>

#include "app/content/xml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool ok)
{
    if (!ok)
        abort();
}

static void scan(const char *text, size_t len)
{
    struct xml_scan scan;
    struct xml_token token;
    size_t last = 0;
    xml_scan_init(&scan, text, len);
    while (xml_next(&scan, &token) != XML_END && token.kind != XML_ERROR) {
        require(scan.at > last && scan.at <= len && token.line <= scan.line);
        require(!token.name || xml_is_name(token.name, token.name_len));
        last = scan.at;
    }
    require((token.kind == XML_ERROR) == (scan.error != NULL));
}

static void write(const char *text, size_t len)
{
    static char buf[65536];
    struct out out;
    struct xml_scan scan;
    struct xml_token token;
    out_window(&out, buf, sizeof buf, 0);
    xml_write_text(&out, text, len);
    if (!out_whole(&out) || len == 0)
        return;
    for (size_t i = 0; i < out_filled(&out); i++)
        require(buf[i] >= 0x20 && buf[i] < 0x7f);
    xml_scan_init(&scan, buf, out_filled(&out));
    require(xml_next(&scan, &token) == XML_TEXT && token.text_len == out_filled(&out));
    require(xml_next(&scan, &token) == XML_END);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    scan((const char *)data, size);
    write((const char *)data, size);
    return 0;
}
