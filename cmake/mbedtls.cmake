# mbedTLS 2.28 from the pinned sources, with one configuration of ours on every target (net/tls/mbedtls_user.h).
stagebox_source(mbedtls mbedtls_sources)
file(GLOB mbedtls_files ${mbedtls_sources}/library/*.c)
add_library(mbedtls STATIC ${mbedtls_files})
target_include_directories(mbedtls SYSTEM PUBLIC ${mbedtls_sources}/include)
target_compile_definitions(mbedtls PUBLIC MBEDTLS_USER_CONFIG_FILE="${CMAKE_SOURCE_DIR}/net/tls/mbedtls_user.h")
# Small, but for what keys, handshakes and records spend their time in, also in debug builds.
target_compile_options(mbedtls PRIVATE -w -fno-common -Os)
foreach(part aes bignum ecp ecp_curves gcm sha1 sha256)
    set_source_files_properties(${mbedtls_sources}/library/${part}.c PROPERTIES COMPILE_OPTIONS -O2)
endforeach()
if(STAGEBOX_FUZZ AND STAGEBOX_SANITIZE)
    target_compile_options(mbedtls PRIVATE -fsanitize=fuzzer-no-link,address)
endif()
