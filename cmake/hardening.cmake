# What makes a mistake in our code harder to use, for programs of an operating system. Linked to stagebox_flags, so that
# every source of ours has it. -fcf-protection is left out: no kernel of Debian 12 makes use of it, and it costs 2 %.
if(CMAKE_SYSTEM_NAME STREQUAL Linux AND NOT STAGEBOX_SANITIZE AND NOT STAGEBOX_COVERAGE)
    target_compile_options(stagebox_flags INTERFACE -fstack-clash-protection)
    if(NOT CMAKE_BUILD_TYPE STREQUAL Debug)
        target_compile_options(stagebox_flags INTERFACE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
    endif()
    target_link_options(stagebox_flags INTERFACE -Wl,-z,relro,-z,now,-z,noexecstack)
endif()
