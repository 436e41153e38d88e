/* conf_range.h - the ranges of a configuration, in all their spellings. */
#ifndef IPAM_CONF_RANGE_H
#define IPAM_CONF_RANGE_H

#include "ipam/conf.h"

/* Fill ranges, n_ranges and n_sets from the ipam object and from what the runtime adds.
 */
int conf_parse_ranges(const struct json *conf, const struct json *ipam, struct conf *ret,
		      struct err *err);

#endif
