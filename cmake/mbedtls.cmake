# mbedTLS 2.28 from the pinned sources, with one configuration of ours on every target (net/tls/mbedtls_user.h).
stagebox_source(mbedtls mbedtls_sources)
file(GLOB mbedtls_files ${mbedtls_sources}/library/*.c)
add_library(mbedtls STATIC ${mbedtls_files})
target_include_directories(mbedtls SYSTEM PUBLIC ${mbedtls_sources}/include)
target_compile_definitions(mbedtls PUBLIC MBEDTLS_USER_CONFIG_FILE="${CMAKE_SOURCE_DIR}/net/tls/mbedtls_user.h")
# Keys and handshakes take their time here, also in debug builds.
target_compile_options(mbedtls PRIVATE -w -O2 -fno-common)
if(STAGEBOX_FUZZ)
    target_compile_options(mbedtls PRIVATE -fsanitize=fuzzer-no-link,address)
endif()
