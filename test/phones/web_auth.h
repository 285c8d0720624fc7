/* web_auth.h - HTTP authentication as a phone's own web server asks for it: Basic (RFC 7617) or Digest (RFC 2617, MD5). */
#ifndef PHONES_WEB_AUTH_H
#define PHONES_WEB_AUTH_H

#include <stdbool.h>
#include <stddef.h>

/* True: the Authorization field's value names user `admin` and that password. */
bool web_auth_basic(const char *field, const char *password);
/* Likewise for Digest, with or without qop=auth, for the nonce that was asked with. */
bool web_auth_digest(const char *field, const char *method, const char *nonce, const char *password);

#endif
