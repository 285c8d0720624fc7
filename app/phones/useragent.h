/* useragent.h - what a phone says about itself in every HTTP request. */
#ifndef STAGEBOX_APP_PHONES_USERAGENT_H
#define STAGEBOX_APP_PHONES_USERAGENT_H

#include "app/phones/model.h"
#include "app/phones/version.h"

#define SERIAL_TEXT_MAX 24 /* "CCQ16380FYH" and its NUL, with room */

struct useragent {
    enum vendor vendor;         /* the word before '/'; either may stand before any model */
    char model[MODEL_TEXT_MAX]; /* canonical: "SPA504G", "SPA942"; never "" */
    struct version version;     /* version_known() is false where it could not be read */
    bool has_mac;               /* the MAC was there and can be a phone's (not zero, not multicast) */
    struct mac mac;
    char serial[SERIAL_TEXT_MAX]; /* upper case; "" where there was none */
};

/* Reads `Cisco/SPA504G-7.5.6(XU) (58BFEA1104E6)(CCQ16380FYH)` and its kin:
 *
 *   vendor "/" model [ "-" version ] [ " " [ "(" MAC ")" ] [ "(" serial ")" ] ]
 *
 * vendor is Cisco or Linksys, letter case aside; the model may have a hyphen after SPA; the version
 * may have brackets or a hyphen of its own. Of two brackets the first is the MAC; a single one is
 * the serial, even of twelve hex digits (9xx serials look so), unless it begins with the OUI of a
 * supported phone. Brackets that are neither, and whatever follows them, are passed over.
 * False, and *out untouched, where vendor or model are not those of such a phone. */
bool useragent_parse(const char *text, size_t len, struct useragent *out);

#endif
