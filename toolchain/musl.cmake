# A static program for Linux with musl: -DSTAGEBOX_ARCH=x86_64, aarch64, arm, mips or mipsel. tools/sysroot builds musl.
set(STAGEBOX_ARCH "" CACHE STRING "The machine")
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES STAGEBOX_ARCH STAGEBOX_SOURCES)
set(sources "")
if(STAGEBOX_SOURCES)
    set(sources ${CMAKE_COMMAND} -E env STAGEBOX_SOURCES=${STAGEBOX_SOURCES})
endif()
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR ${STAGEBOX_ARCH})
execute_process(COMMAND ${sources} ${CMAKE_CURRENT_LIST_DIR}/../tools/sysroot ${STAGEBOX_ARCH}
    OUTPUT_VARIABLE sysroot OUTPUT_STRIP_TRAILING_WHITESPACE RESULT_VARIABLE failed)
if(failed)
    message(FATAL_ERROR "tools/sysroot ${STAGEBOX_ARCH} failed")
endif()
set(CMAKE_C_COMPILER ${sysroot}/bin/musl-gcc)
set(machine_arm "-march=armv5te -mfloat-abi=soft")
set(machine_mips "-march=mips32r2 -msoft-float")
set(machine_mipsel ${machine_mips})
# A static program lies where it was linked to: code that could lie anywhere would be a tenth larger on MIPS.
set(CMAKE_C_FLAGS_INIT "${machine_${STAGEBOX_ARCH}} -fno-pic -ffunction-sections -fdata-sections -fno-asynchronous-unwind-tables")
set(CMAKE_EXE_LINKER_FLAGS_INIT "-static -Wl,--gc-sections")
if(STAGEBOX_ARCH MATCHES "^mips")
    # libgcc says that it wants an FPU; of its functions only those that do without are linked (test/boards looks).
    # Pages of 4 or 16 KB; for 64 KB, which no router has, the file would lose up to that much between its two parts.
    string(APPEND CMAKE_EXE_LINKER_FLAGS_INIT " -Wl,--no-warn-mismatch -Wl,-z,max-page-size=16384")
    set(CMAKE_C_STANDARD_LIBRARIES "-lc")
endif()

set(CMAKE_FIND_ROOT_PATH ${sysroot})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
