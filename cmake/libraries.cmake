# cjson, inih, zlib: the system's packages, or the pinned sources where the target has no packages.
if(CMAKE_CROSSCOMPILING)
    set(bundled ON)
else()
    set(bundled OFF)
endif()
option(STAGEBOX_BUNDLED "Build cJSON, inih and zlib from the pinned sources" ${bundled})

# Someone else's code: warnings are theirs.
function(stagebox_foreign name folder)
    add_library(${name} STATIC ${ARGN})
    target_include_directories(${name} SYSTEM PUBLIC ${folder})
    target_compile_options(${name} PRIVATE -w -O2 -fno-common)
endfunction()

if(STAGEBOX_BUNDLED)
    stagebox_source(cjson cjson_folder)
    stagebox_foreign(cjson ${CMAKE_BINARY_DIR}/foreign ${cjson_folder}/cJSON.c)
    file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/foreign/cjson)
    configure_file(${cjson_folder}/cJSON.h ${CMAKE_BINARY_DIR}/foreign/cjson/cJSON.h COPYONLY)

    stagebox_source(inih inih_folder)
    stagebox_foreign(inih ${inih_folder} ${inih_folder}/ini.c)
    # As Debian builds it.
    target_compile_definitions(inih PUBLIC INI_MAX_LINE=200 INI_ALLOW_MULTILINE=1)

    stagebox_source(zlib zlib_folder)
    stagebox_foreign(zlib ${zlib_folder})
    foreach(part adler32 crc32 inffast inflate inftrees zutil)
        target_sources(zlib PRIVATE ${zlib_folder}/${part}.c)
    endforeach()
    # No memory of its own: the caller hands it over.
    target_compile_definitions(zlib PRIVATE Z_SOLO)
else()
    find_library(CJSON_LIBRARY cjson REQUIRED)
    find_library(INIH_LIBRARY inih REQUIRED)
    find_package(ZLIB REQUIRED)
    add_library(cjson INTERFACE)
    target_link_libraries(cjson INTERFACE ${CJSON_LIBRARY})
    add_library(inih INTERFACE)
    target_link_libraries(inih INTERFACE ${INIH_LIBRARY})
    add_library(zlib INTERFACE)
    target_link_libraries(zlib INTERFACE ZLIB::ZLIB)
endif()
