# mbedTLS 2.28 from the pinned sources, with one configuration of ours on every target (net/tls/mbedtls_user.h).
execute_process(COMMAND ${CMAKE_SOURCE_DIR}/tools/sources mbedtls
    OUTPUT_VARIABLE mbedtls_sources OUTPUT_STRIP_TRAILING_WHITESPACE RESULT_VARIABLE mbedtls_failed)
if(mbedtls_failed)
    message(FATAL_ERROR "the sources of mbedTLS cannot be had: see tools/sources")
endif()
file(GLOB mbedtls_files ${mbedtls_sources}/library/*.c)
add_library(mbedtls STATIC ${mbedtls_files})
target_include_directories(mbedtls SYSTEM PUBLIC ${mbedtls_sources}/include)
target_compile_definitions(mbedtls PUBLIC MBEDTLS_USER_CONFIG_FILE="${CMAKE_SOURCE_DIR}/net/tls/mbedtls_user.h")
# Keys and handshakes take their time here, also in debug builds.
target_compile_options(mbedtls PRIVATE -w -O2 -fno-common)
