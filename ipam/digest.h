/* digest.h - SHA-256 of a text, as much of it as is wanted. */
#ifndef IPAM_DIGEST_H
#define IPAM_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#define DIGEST_HEX 65 /* bytes that the whole of it takes as text */

/* The first size - 1 hexadecimal digits, at most all 64. */
void digest_hex(const char *text, char *buf, size_t size);

/* The first eight bytes as a number: the same on every node and in every version. */
uint64_t digest_u64(const char *text);

#endif
