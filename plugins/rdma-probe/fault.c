/* fault.c - why a rail or a path does not work: reason, evidence, and what to do. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "plugins/rdma-probe/fault.h"

__attribute__((format(printf, 3, 0))) static void add_note(struct fault *fault, int no,
							   const char *fmt, va_list ap)
{
	char *note = fault->note[fault->notes];
	int n;

	if (fault->notes == FAULT_NOTES)
		return;
	n = vsnprintf(note, sizeof(fault->note[0]), fmt, ap);
	if (no && n >= 0 && (size_t)n < sizeof(fault->note[0]))
		snprintf(note + n, sizeof(fault->note[0]) - n, ": %s", strerror(no));
	fault->notes++;
}

int fault_set(struct fault *fault, enum reason reason, int no, const char *fmt, ...)
{
	va_list ap;

	*fault = (struct fault){ .reason = reason, .no = no };
	va_start(ap, fmt);
	add_note(fault, no, fmt, ap);
	va_end(ap);
	return -1;
}

int fault_from_err(struct fault *fault, enum reason reason, const struct err *err)
{
	fault_set(fault, reason, 0, "%s", err->msg);
	fault->no = err->no;
	if (*err->hint)
		fault_fix(fault, "%s", err->hint);
	return -1;
}

int fault_interrupted(struct fault *fault)
{
	fault_set(fault, REASON_NONE, 0, "interrupted before it was done");
	fault->no = ECANCELED;
	return -1;
}

bool fault_is_interruption(const struct fault *fault)
{
	return fault->reason == REASON_NONE && fault->no == ECANCELED;
}

int fault_note(struct fault *fault, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add_note(fault, 0, fmt, ap);
	va_end(ap);
	return -1;
}

int fault_fix(struct fault *fault, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(fault->fix, sizeof(fault->fix), fmt, ap);
	va_end(ap);
	return -1;
}

static void prefix(char *text, size_t size, const char *host, const char *rest)
{
	char told[sizeof(((struct fault *)0)->fix)];

	snprintf(told, sizeof(told), "%s", rest);
	snprintf(text, size, "on %s: %s", host, told);
}

void fault_blame(struct fault *fault, const char *host)
{
	for (int i = 0; i < fault->notes; i++)
		prefix(fault->note[i], sizeof(fault->note[i]), host, fault->note[i]);
	if (*fault_advice(fault))
		prefix(fault->fix, sizeof(fault->fix), host, fault_advice(fault));
}

const char *fault_advice(const struct fault *fault)
{
	return *fault->fix ? fault->fix : reason_fix(fault->reason);
}
