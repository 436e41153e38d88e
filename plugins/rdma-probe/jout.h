/*
 * jout.h - write JSON in which every key is always there.
 *
 *	jout_str(obj, "mac", rail->mac);	     -> "mac": null when it is ""
 *	jout_int(obj, "numa", rail->numa, rail->numa >= 0);
 *
 * What is not known is null and never left out.
 */
#ifndef PROBE_JOUT_H
#define PROBE_JOUT_H

#include <stdbool.h>
#include <stdint.h>
#include <cJSON.h>

void jout_str(struct cJSON *obj, const char *key, const char *text); /* NULL, "": null */
void jout_int(struct cJSON *obj, const char *key, int64_t value, bool known);
void jout_num(struct cJSON *obj, const char *key, double value, bool known);
void jout_bool(struct cJSON *obj, const char *key, bool value);

#endif
