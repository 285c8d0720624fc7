/* version.h - the version of stagebox itself; CMake sets it from the project's. */
#ifndef STAGEBOX_APP_VERSION_H
#define STAGEBOX_APP_VERSION_H

#ifndef STAGEBOX_VERSION
#define STAGEBOX_VERSION "0"
#endif
#define STAGEBOX_VERSION_TEXT STAGEBOX_VERSION

#endif
