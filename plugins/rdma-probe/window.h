/*
 * window.h - how many of the latest probes to a peer got lost, and on which way. No I/O.
 *
 *	sequence = window_send(&window);
 *	window_answer(&window, sequence, arrived);
 *	if (window_close(&window, 3, &loss))
 *		...
 *
 * A probe counts when the window after its own is closed: by then its answer has come or
 * will not come any more.
 */
#ifndef PROBE_WINDOW_H
#define PROBE_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

struct window {
	uint32_t next;		   /* sequence number of the next probe */
	uint32_t boundary, before; /* where this window and the one before it began */
	uint32_t answered, answered_before;
	uint32_t told;	     /* the newest answer: of all up to this many sent ... */
	uint32_t arrived;    /* ... so many had arrived */
	uint32_t lost_there; /* of all probes in windows that are closed */
};

struct loss {
	int sent, answered, lost;
	int there; /* of those lost, on the way there; -1 not known */
};

uint32_t window_send(struct window *window);
void window_answer(struct window *window, uint32_t sequence, uint32_t arrived);

/* Probes begin anew after a while: what was sent before that is not counted any more. */
void window_renew(struct window *window);

/* The loss of the window before this one, which is closed too; false, and nothing
 * happens, while fewer than `least` were sent in this one. */
bool window_close(struct window *window, int least, struct loss *ret);

#endif
