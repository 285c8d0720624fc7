/* password.h - the operator's password as it stands in the settings: `$pbkdf2-sha256$ROUNDS$SALT$KEY` (RFC 8018,
 * PBKDF2 with HMAC-SHA-256; salt and key in hex), or plain.
 */
#ifndef STAGEBOX_APP_WEB_PASSWORD_H
#define STAGEBOX_APP_WEB_PASSWORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PASSWORD_SALT 16     /* bytes */
#define PASSWORD_KEY 32      /* bytes */
#define PASSWORD_ROUNDS 20000 /* of what is made here: some 100 ms on a small board */
#define PASSWORD_HASH_MAX 128 /* bytes of the text, NUL included */
#define PASSWORD_MAX 128      /* bytes of a password; longer ones are wrong */

/* Writes the text for [web] password. False where the password is empty or too long. */
bool password_hash(const char *password, size_t len, const uint8_t salt[PASSWORD_SALT], uint32_t rounds,
                   char out[PASSWORD_HASH_MAX]);
/* Whether `password` is the one that `stored` means. A hash that cannot be read fits none, and so does "". Takes
 * as long for a wrong password as for a right one. */
bool password_fits(const char *stored, const char *password, size_t len);

#endif
