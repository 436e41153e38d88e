/*
 * grow.h - arrays that grow at their end, without a field that says how much room there
 *is.
 *
 *	struct addr *grown = grow(list->v, list->n, sizeof(*grown));
 *
 *	if (!grown)
 *		return err_set(err, ENOMEM, "list of addresses");
 *	list->v = grown;
 *	list->v[list->n++] = *addr;
 */
#ifndef PKG_GROW_H
#define PKG_GROW_H

#include <stdlib.h>

/* Room for one more behind n elements of size bytes, in an array that was made by this
 * alone: it doubles whenever n gets to a power of two. NULL: no memory (errno is ENOMEM),
 * and the array is as it was. The caller frees it. */
static inline void *grow(void *array, size_t n, size_t size)
{
	if (n && (n < 16 || (n & (n - 1))))
		return array;
	return reallocarray(array, n ? 2 * n : 16, size);
}

#endif
