/* mbedtls_user.h - what differs from mbedTLS 2.28's own configuration, on every target.
 *
 * Read by mbedtls/config.h at its end. What is on stays on for a reason: TLS 1.0 and 1.1, CBC, SHA-1, MD5 and
 * RSA key exchange are what old phones speak (docs/security.md).
 */
#ifndef STAGEBOX_NET_TLS_MBEDTLS_USER_H
#define STAGEBOX_NET_TLS_MBEDTLS_USER_H

/* The private-key operation is handed out: it takes up to 100 ms. */
#define MBEDTLS_SSL_ASYNC_PRIVATE

/* Memory is net/tls/memory.h's. */
#define MBEDTLS_PLATFORM_MEMORY

/* Where there is no better library for big numbers, a board, and for the DHE of old phones everywhere. */
#define MBEDTLS_MPI_WINDOW_SIZE 5

/* Old stacks choke on records that are split in 1 and n-1 bytes. */
#undef MBEDTLS_SSL_CBC_RECORD_SPLITTING
#undef MBEDTLS_SSL_RENEGOTIATION
#undef MBEDTLS_SSL_SESSION_TICKETS
#undef MBEDTLS_SSL_CACHE_C
#undef MBEDTLS_SSL_TRUNCATED_HMAC
#undef MBEDTLS_SSL_MAX_FRAGMENT_LENGTH
#undef MBEDTLS_SSL_PROTO_DTLS
#undef MBEDTLS_SSL_DTLS_ANTI_REPLAY
#undef MBEDTLS_SSL_DTLS_HELLO_VERIFY
#undef MBEDTLS_SSL_DTLS_CLIENT_PORT_REUSE
#undef MBEDTLS_SSL_DTLS_BADMAC_LIMIT
#undef MBEDTLS_SSL_DTLS_CONNECTION_ID
#undef MBEDTLS_SSL_COOKIE_C

/* Neither phones nor boxes have a sound clock: dates are shown by `check`, and judge nobody. */
#undef MBEDTLS_HAVE_TIME
#undef MBEDTLS_HAVE_TIME_DATE
#undef MBEDTLS_TIMING_C

/* Files, sockets and entropy are the port's. */
#undef MBEDTLS_FS_IO
#undef MBEDTLS_NET_C
#undef MBEDTLS_ENTROPY_C
#undef MBEDTLS_HMAC_DRBG_C
#undef MBEDTLS_ECDSA_DETERMINISTIC
#undef MBEDTLS_PSA_CRYPTO_C
#undef MBEDTLS_PSA_CRYPTO_STORAGE_C
#undef MBEDTLS_PSA_ITS_FILE_C
#undef MBEDTLS_SELF_TEST
#undef MBEDTLS_DEBUG_C
#undef MBEDTLS_X509_CRL_PARSE_C
#undef MBEDTLS_PADLOCK_C

#endif
