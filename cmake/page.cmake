# Run as a script: joins the dashboard's sources into one page, compresses it, and writes C of it.
# -DSOURCE=app/web/page -DOUTPUT=page.c -DSCRIPTS=a.js|b.js

# The digest of a text as Content-Security-Policy wants it.
function(page_sha256 text result)
    set(alphabet ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/)
    string(SHA256 hex "${text}")
    set(hex "${hex}00")
    set(out "")
    foreach(at RANGE 0 63 3)
        string(SUBSTRING ${hex} ${at} 3 digits)
        math(EXPR high "0x${digits} >> 6")
        math(EXPR low "0x${digits} & 63")
        string(SUBSTRING ${alphabet} ${high} 1 first)
        string(SUBSTRING ${alphabet} ${low} 1 second)
        string(APPEND out ${first}${second})
    endforeach()
    string(SUBSTRING ${out} 0 43 out) # 32 bytes: 43 characters and one of padding
    set(${result} "sha256-${out}=" PARENT_SCOPE)
endfunction()

file(READ ${SOURCE}/page.html page)
file(READ ${SOURCE}/page.css style)
set(script "\"use strict\";\n(() => {\n")
string(REPLACE "|" ";" SCRIPTS "${SCRIPTS}")
foreach(name IN LISTS SCRIPTS)
    file(READ ${SOURCE}/js/${name} part)
    string(APPEND script "${part}")
endforeach()
string(APPEND script "})();\n")
# Indentation and lines that are a comment are for people only.
foreach(part style script page)
    string(REGEX REPLACE "\n[ \t]+" "\n" ${part} "${${part}}")
    string(REGEX REPLACE "\n(// [^\n]*\n)+" "\n" ${part} "${${part}}")
endforeach()
string(REPLACE "/*STYLE*/" "${style}" page "${page}")
string(REPLACE "/*SCRIPT*/" "${script}" page "${page}")
page_sha256("${style}" style_digest)
page_sha256("${script}" script_digest)
string(SHA256 digest "${page}")
string(SUBSTRING ${digest} 0 16 digest)

file(WRITE ${OUTPUT}.html "${page}")
execute_process(COMMAND gzip -9 -n -c ${OUTPUT}.html OUTPUT_FILE ${OUTPUT}.gz RESULT_VARIABLE failed)
if(failed)
    message(FATAL_ERROR "gzip: ${failed}")
endif()
file(SIZE ${OUTPUT}.html length)
file(SIZE ${OUTPUT}.gz compressed)
if(compressed GREATER 61440)
    message(FATAL_ERROR "the page has ${compressed} bytes compressed; 60 KB are its bound")
endif()
file(READ ${OUTPUT}.gz bytes HEX)
string(REGEX REPLACE "(................................)" "\\1\n" bytes "${bytes}")
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
file(WRITE ${OUTPUT} "/* made by cmake/page.cmake */
#include \"app/web/page/page.h\"

const uint8_t page_gzip[] = {
${bytes}};
const size_t page_gzip_len = sizeof page_gzip;
const size_t page_len = ${length};
const char page_digest[] = \"${digest}\";
const char page_policy[] = \"default-src 'none'; script-src '${script_digest}'; style-src '${style_digest}'; \"
    \"img-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'\";
")
