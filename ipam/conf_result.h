/* conf_result.h - what of a configuration goes into the result as it is. */
#ifndef IPAM_CONF_RESULT_H
#define IPAM_CONF_RESULT_H

#include "ipam/conf.h"

/* Fill routes, dns, resolv_conf and fixed from the ipam object. */
int conf_parse_result(const struct json *ipam, struct conf *ret, struct err *err);

#endif
