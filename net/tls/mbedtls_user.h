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

/* What we send at once, a chain of certificates included; what comes may have the 16 KB of the standard. */
#define MBEDTLS_SSL_OUT_CONTENT_LEN 8192

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

/* Ciphers, curves and formats that neither phones nor viewers' browsers ask for. */
#undef MBEDTLS_CAMELLIA_C
#undef MBEDTLS_ARIA_C
#undef MBEDTLS_BLOWFISH_C
#undef MBEDTLS_XTEA_C
#undef MBEDTLS_CCM_C
#undef MBEDTLS_CMAC_C
#undef MBEDTLS_NIST_KW_C
#undef MBEDTLS_RIPEMD160_C
#undef MBEDTLS_PKCS5_C
#undef MBEDTLS_PKCS12_C
#undef MBEDTLS_ECJPAKE_C
#undef MBEDTLS_HKDF_C
#undef MBEDTLS_X509_CSR_PARSE_C
#undef MBEDTLS_SSL_CLI_C
#undef MBEDTLS_SSL_DTLS_SRTP
#undef MBEDTLS_VERSION_FEATURES
#undef MBEDTLS_ERROR_STRERROR_DUMMY
#undef MBEDTLS_KEY_EXCHANGE_PSK_ENABLED
#undef MBEDTLS_KEY_EXCHANGE_DHE_PSK_ENABLED
#undef MBEDTLS_KEY_EXCHANGE_ECDHE_PSK_ENABLED
#undef MBEDTLS_KEY_EXCHANGE_RSA_PSK_ENABLED
#undef MBEDTLS_KEY_EXCHANGE_ECDHE_ECDSA_ENABLED
#undef MBEDTLS_KEY_EXCHANGE_ECDH_ECDSA_ENABLED
#undef MBEDTLS_KEY_EXCHANGE_ECDH_RSA_ENABLED
#undef MBEDTLS_ECP_DP_SECP192R1_ENABLED
#undef MBEDTLS_ECP_DP_SECP224R1_ENABLED
#undef MBEDTLS_ECP_DP_SECP192K1_ENABLED
#undef MBEDTLS_ECP_DP_SECP224K1_ENABLED
#undef MBEDTLS_ECP_DP_SECP256K1_ENABLED
#undef MBEDTLS_ECP_DP_SECP521R1_ENABLED
#undef MBEDTLS_ECP_DP_BP256R1_ENABLED
#undef MBEDTLS_ECP_DP_BP384R1_ENABLED
#undef MBEDTLS_ECP_DP_BP512R1_ENABLED
#undef MBEDTLS_ECP_DP_CURVE448_ENABLED

#endif
