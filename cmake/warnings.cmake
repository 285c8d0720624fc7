# One interface library carries what every source of the project is compiled with.
add_library(stagebox_flags INTERFACE)
target_compile_options(stagebox_flags INTERFACE
    -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wvla -Werror
    -fstack-protector-strong -fno-common)
if(STAGEBOX_SANITIZE)
    target_compile_options(stagebox_flags INTERFACE
        -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
    target_link_options(stagebox_flags INTERFACE -fsanitize=address,undefined)
endif()
if(STAGEBOX_COVERAGE)
    set(coverage --coverage)
    if(STAGEBOX_FUZZ)
        set(coverage -fprofile-instr-generate -fcoverage-mapping)
    endif()
    target_compile_options(stagebox_flags INTERFACE ${coverage})
    target_compile_definitions(stagebox_flags INTERFACE STAGEBOX_COVERAGE)
    target_link_options(stagebox_flags INTERFACE ${coverage})
endif()
if(STAGEBOX_FUZZ)
    target_compile_options(stagebox_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()

# stagebox_room(NAME LINKS...): a static library of every source below this folder.
function(stagebox_room name)
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.c)
    add_library(${name} STATIC ${sources})
    target_include_directories(${name} PUBLIC ${CMAKE_SOURCE_DIR})
    target_link_libraries(${name} PUBLIC ${ARGN} PRIVATE stagebox_flags)
endfunction()

# stagebox_hot(FILES...): what every answer takes its way through, where a small program may spend a few KB for speed.
# Called in the room's folder.
set(STAGEBOX_HOT "" CACHE STRING "More compiler options for the files of stagebox_hot()")
function(stagebox_hot)
    set_source_files_properties(${ARGN} PROPERTIES COMPILE_OPTIONS "${STAGEBOX_HOT}")
endfunction()
