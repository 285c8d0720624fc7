/* xml.h - as much XML as phones and people's templates use.
 *
 * A scanner that gives one token after the other as slices of the text (no copies, no stack: the
 * caller knows how deep it is), and writers that make any bytes safe between tags.
 */
#ifndef STAGEBOX_APP_CONTENT_XML_H
#define STAGEBOX_APP_CONTENT_XML_H

#include "app/out.h"

enum xml_kind {
    XML_END,   /* the text is over */
    XML_OPEN,  /* <name attributes> */
    XML_EMPTY, /* <name attributes/> */
    XML_CLOSE, /* </name> */
    XML_TEXT,  /* characters between tags, entities as they stand, checked */
    XML_CDATA, /* the inside of <![CDATA[...]]> */
    XML_ERROR  /* `error` says what; the scan is over */
};

struct xml_token {
    enum xml_kind kind;
    const char *name; /* of OPEN, EMPTY, CLOSE */
    size_t name_len;
    const char *text; /* of OPEN, EMPTY: the attributes as they stand, checked, without outer blanks; */
    size_t text_len;  /* of TEXT, CDATA: the characters */
    int line;         /* where the token begins, from 1 */
};

struct xml_scan {
    const char *text;
    size_t len;
    size_t at;
    int line;
    const char *error; /* a sentence without a full stop, static */
    int error_line;
};

/* `text` must stay as it is while the scan goes on; a byte order mark is passed over. */
void xml_scan_init(struct xml_scan *scan, const char *text, size_t len);
/* The next token. Comments and <?...?> are passed over; a DOCTYPE is an error. Every tag is checked for
 * form, names for allowed characters, `&` for a known entity; that tags match is the caller's. */
enum xml_kind xml_next(struct xml_scan *scan, struct xml_token *token);

/* What may stand in the name of an element: letters, digits, '_', '-', '.', ':'; no digit, '-' or '.'
 * at the beginning. */
bool xml_is_name(const char *text, size_t len);

/* Any bytes as text: & < > " ' as entities, other ASCII as it is, UTF-8 as numeric entities, bytes
 * that are no UTF-8 as ISO 8859-1, control characters as blanks. */
void xml_write_text(struct out *out, const char *text, size_t len);
/* Checked XML text (entities as they stand) in the same form: its entities are kept, the rest goes
 * out like xml_write_text(). */
void xml_write_raw(struct out *out, const char *text, size_t len);

/* The character at `text` (len > 0): its code point, *used bytes long. Bytes that are no UTF-8 count
 * as one character of ISO 8859-1 each; *sound is false then. */
uint32_t xml_character(const char *text, size_t len, size_t *used, bool *sound);

#endif
