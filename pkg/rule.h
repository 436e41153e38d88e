/* rule.h - policy routing rules: "from ADDRESS lookup TABLE". */
#ifndef PKG_RULE_H
#define PKG_RULE_H

#include "pkg/ip.h"
#include "pkg/nl.h"

/* Marks what rail-cni put there, among routes and rules alike (rtm_protocol,
 * FRA_PROTOCOL): numbers from 192 up to 254 are free for everybody. */
#define RAIL_PROTOCOL 210

/* Packets from this address look into this table, before main (32766) is asked. */
int rule_add(struct nl *nl, const struct ip *from, uint32_t table, struct err *err);

/* Take such a rule away; its not being there is no error. */
int rule_del(struct nl *nl, const struct ip *from, uint32_t table, struct err *err);

/* Is it there? 1, 0 or -1. */
int rule_exists(struct nl *nl, const struct ip *from, uint32_t table, struct err *err);

/* The first table from `start` up that no rule refers to and that has no route; of
 * both families. */
int table_first_free(struct nl *nl, uint32_t start, uint32_t *ret, struct err *err);

#endif
