/*
 * confine.h - give up what a process does not need, before it reads what others wrote.
 *
 *	confine_caps(1 << CAP_DAC_OVERRIDE);
 *	confine_calls(CONFINE_ALL);
 *	... open what there is to open ...
 *	confine_files(dirs, n);
 *
 * For good, and for what it starts as well. Of the calling thread: confine before others
 * are started. What the kernel does not offer is done without: nothing here fails.
 */
#ifndef PKG_CONFINE_H
#define PKG_CONFINE_H

#include <stdint.h>

/* Keep no capabilities but these, and get none from programs that are run either. To be
 * called first: the kernel grants the others only to who has given that up. */
void confine_caps(uint64_t keep);

/*
 * No programs, no signals to others, no namespaces, no modes of files, nothing of the
 * kernel's that only few need and many have broken in by (io_uring, bpf, keys...); and,
 * unless they are needed, no sockets and no threads. EPERM then.
 */
enum { CONFINE_ALL = 0, CONFINE_SOCKETS = 1, CONFINE_THREADS = 2 };
void confine_calls(unsigned int needs);

/* Files can only be opened and changed in these directories and below them, and none run;
 * what is open already stays so. Linux 5.13 has it, if it was started with Landlock. */
void confine_files(const int *dirs, int n);

#endif
