/* window.c - how many of the latest probes to a peer got lost, and on which way. */
#include "plugins/rdma-probe/window.h"

uint32_t window_send(struct window *window)
{
	return window->next++;
}

void window_answer(struct window *window, uint32_t sequence, uint32_t arrived)
{
	if (sequence >= window->next)
		return; /* nobody asked for that */
	if (sequence >= window->boundary)
		window->answered++;
	else if (sequence >= window->before)
		window->answered_before++;
	if (sequence + 1 > window->told) {
		window->told = sequence + 1;
		window->arrived = arrived;
	}
}

void window_renew(struct window *window)
{
	window->before = window->boundary = window->next;
	window->answered = window->answered_before = 0;
}

static int lost_there(struct window *window, int lost)
{
	uint32_t all =
		window->told > window->arrived ? window->told - window->arrived : 0;
	int there = (int)(all - window->lost_there);

	if (!window->told)
		return -1;
	/* What newer answers tell of newer probes is for the next window. */
	there = there < 0 ? 0 : there > lost ? lost : there;
	window->lost_there += there;
	return there;
}

bool window_close(struct window *window, int least, struct loss *ret)
{
	int sent = (int)(window->boundary - window->before),
	    answered = (int)window->answered_before;

	if ((int)(window->next - window->boundary) < least)
		return false;
	answered = answered > sent ? sent : answered; /* doubles */
	*ret = (struct loss){ .sent = sent,
			      .answered = answered,
			      .lost = sent - answered };
	ret->there = lost_there(window, ret->lost);
	if (ret->lost && !answered)
		ret->there = -1;
	window->before = window->boundary;
	window->boundary = window->next;
	window->answered_before = window->answered;
	window->answered = 0;
	return true;
}
