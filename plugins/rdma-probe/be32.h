/*
 * be32.h - numbers as they are on the wire.
 *
 *	at = put32(at, MAGIC);
 *	if (get32(data) != MAGIC)
 */
#ifndef PROBE_BE32_H
#define PROBE_BE32_H

#include <endian.h>
#include <stdint.h>
#include <string.h>

/* Where the next one goes. */
static inline uint8_t *put32(uint8_t *to, uint32_t value)
{
	value = htobe32(value);
	memcpy(to, &value, sizeof(value));
	return to + sizeof(value);
}

static inline uint32_t get32(const uint8_t *from)
{
	uint32_t value;

	memcpy(&value, from, sizeof(value));
	return be32toh(value);
}

#endif
