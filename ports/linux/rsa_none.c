/* rsa_none.c - where there is no GMP: mbedTLS does the RSA private-key operation itself. */
#include "ports/port.h"

const struct tls_rsa_engine *port_rsa(const struct port *port)
{
    (void)port;
    return NULL;
}
