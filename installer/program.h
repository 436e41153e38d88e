/* program.h - what a program's file tells about it, without running it. */
#ifndef INSTALLER_PROGRAM_H
#define INSTALLER_PROGRAM_H

#include <stdbool.h>

#define VERSION_LEN 32

/* The version that is written in it; "" when it is not there, "unknown" when it tells
 * none. */
void program_version(int dirfd, const char *name, char ret[VERSION_LEN]);

/* Are the two, in these directories, the same to the last byte? */
bool program_same(int a, int b, const char *name);

#endif
