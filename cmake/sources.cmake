# stagebox_source(NAME VARIABLE): the folder of unpacked sources that toolchain/sources pins.
set(STAGEBOX_SOURCES "" CACHE PATH "A folder with unpacked upstream sources (mbedtls/, zlib/, ...); empty: tools/sources fetches them")
function(stagebox_source name variable)
    set(environment "")
    if(STAGEBOX_SOURCES)
        set(environment ${CMAKE_COMMAND} -E env STAGEBOX_SOURCES=${STAGEBOX_SOURCES})
    endif()
    execute_process(COMMAND ${environment} ${CMAKE_SOURCE_DIR}/tools/sources ${name}
        OUTPUT_VARIABLE folder OUTPUT_STRIP_TRAILING_WHITESPACE RESULT_VARIABLE failed)
    if(failed)
        message(FATAL_ERROR "the sources of ${name} cannot be had: see tools/sources")
    endif()
    set(${variable} ${folder} PARENT_SCOPE)
endfunction()
