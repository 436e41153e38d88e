/* digest.c - SHA-256 of a text, as much of it as is wanted. */
#include <stdio.h>
#include <string.h>
#include <sha2.h>

#include "ipam/digest.h"

static void digest(const char *text, uint8_t ret[SHA256_DIGEST_LENGTH])
{
	SHA2_CTX ctx;

	SHA256Init(&ctx);
	SHA256Update(&ctx, (const uint8_t *)text, strlen(text));
	SHA256Final(ret, &ctx);
}

void digest_hex(const char *text, char *buf, size_t size)
{
	uint8_t bytes[SHA256_DIGEST_LENGTH];
	char hex[DIGEST_HEX];

	digest(text, bytes);
	for (size_t i = 0; i < sizeof(bytes); i++)
		sprintf(hex + 2 * i, "%02x", bytes[i]);
	snprintf(buf, size, "%s", hex);
}

uint64_t digest_u64(const char *text)
{
	uint8_t bytes[SHA256_DIGEST_LENGTH];
	uint64_t n = 0;

	digest(text, bytes);
	for (int i = 0; i < 8; i++)
		n = n << 8 | bytes[i];
	return n;
}
