#include <string.h>

#include "app/cli/command.h"
#include "app/web/password.h"
#include "mbedtls/platform_util.h"

int command_passwd(const struct command_call *call)
{
    char line[PASSWORD_MAX + 3], hash[PASSWORD_HASH_MAX];
    uint8_t salt[PASSWORD_SALT];
    if (call->argc > 0)
        return command_usage(call, "passwd", "passwd: takes no arguments; the password is read from stdin");
    if (call->echo) {
        /* In this order: who types at once is not shown either. */
        call->echo(false);
        fprintf(call->err, "Password: ");
        fflush(call->err);
    }
    if (!fgets(line, sizeof line, stdin))
        line[0] = '\0';
    if (call->echo) {
        call->echo(true);
        fprintf(call->err, "\n");
    }
    line[strcspn(line, "\r\n")] = '\0';
    if (port_random(call->port, salt, sizeof salt) < 0) {
        fprintf(call->err, "passwd: %s\n", port_error_sentence(call->port));
        return 1;
    }
    bool made = password_hash(line, strlen(line), salt, PASSWORD_ROUNDS, hash);
    mbedtls_platform_zeroize(line, sizeof line);
    if (!made) {
        fprintf(call->err, "passwd: a password has 1 to %d bytes\n", PASSWORD_MAX);
        return 1;
    }
    fprintf(call->out, "%s\n", hash);
    return 0;
}
