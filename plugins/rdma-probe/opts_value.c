/* opts_value.c - an option: what its value may be. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pkg/clock.h"
#include "plugins/rdma-probe/opts_value.h"
#include "plugins/rdma-probe/proto.h"

bool duration_parse(const char *text, int64_t *ret)
{
	static const struct {
		const char *name;
		double ns;
	} units[] = { { "", NS_S }, { "s", NS_S }, { "ms", NS_MS }, { "us", NS_US } };
	char *end;
	double value;

	if (*text < '0' || *text > '9' || strpbrk(text, "xXeEpP"))
		return false;
	value = strtod(text, &end);
	for (size_t i = 0; i < ARRAY_SIZE(units); i++)
		if (!strcmp(end, units[i].name) && value * units[i].ns < 1e18) {
			*ret = (int64_t)(value * units[i].ns);
			return true;
		}
	return false;
}

static bool parse_number(const char *text, int64_t *ret)
{
	char *end;
	int base = strncmp(text, "0x", 2) ? 10 : 16;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	*ret = strtoll(text, &end, base);
	return !*end && !errno;
}

static int bad_value(const struct option_def *def, const char *value, struct err *err)
{
	return err_set(err, 0, "--%s: \"%s\" is no %s", def->name, value, def->value);
}

static int set_number(const struct option_def *def, const char *value, int64_t *ret,
		      struct err *err)
{
	int64_t number;
	bool is_time = def->kind == DURATION;
	bool fine =
		is_time ? duration_parse(value, &number) : parse_number(value, &number);
	double unit = is_time ? NS_S : 1;

	if (!fine)
		return bad_value(def, value, err);
	if (number < def->min || number > def->max)
		return err_set(err, 0, "--%s: %s is not between %g and %g", def->name,
			       value, def->min / unit, def->max / unit);
	*ret = number;
	return 0;
}

static int set_family(const struct option_def *def, const char *value, int64_t *ret,
		      struct err *err)
{
	if (strcmp(value, "4") && strcmp(value, "6"))
		return bad_value(def, value, err);
	*ret = *value == '4' ? AF_INET : AF_INET6;
	return 0;
}

/* "180", "0.5", "180Gb", "180G". */
static int set_gbps(const struct option_def *def, const char *value, double *ret,
		    struct err *err)
{
	char *end;
	double gbps = strtod(value, &end);

	if (*value < '0' || *value > '9' || !(gbps < 1e6) ||
	    (*end && strcmp(end, "G") && strcmp(end, "Gb")))
		return bad_value(def, value, err);
	*ret = gbps;
	return 0;
}

static int set_style(const struct option_def *def, const char *value, int64_t *ret,
		     struct err *err)
{
	if (strcmp(value, "npd") && strcmp(value, "nagios"))
		return bad_value(def, value, err);
	*ret = strcmp(value, "npd") ? EXIT_NAGIOS : EXIT_NPD;
	return 0;
}

static int set_mode(const struct option_def *def, const char *value, int64_t *ret,
		    struct err *err)
{
	static const char *const names[] = { "rail", "cross", "sample" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(value, names[i])) {
			*ret = (int64_t)i;
			return 0;
		}
	return bad_value(def, value, err);
}

static int add_rail(const struct option_def *def, const char *value, struct opts *opts,
		    struct err *err)
{
	struct rail_spec spec;

	if (!rail_spec_parse(value, &spec))
		return bad_value(def, value, err);
	if (opts->nspecs == RAIL_MAX)
		return err_set(err, 0, "--rail: more than %d", RAIL_MAX);
	for (int i = 0; i < opts->nspecs; i++)
		if (!strcmp(opts->specs[i].name, spec.name))
			return err_set(err, 0, "--rail: %s is named twice", spec.name);
	opts->specs[opts->nspecs++] = spec;
	return 0;
}

int option_apply(const struct option_def *def, const char *value, struct opts *opts,
		 struct err *err)
{
	void *field = (char *)opts + def->offset;

	switch (def->kind) {
	case FLAG:
		*(bool *)field = true;
		return 0;
	case FAST:
		opts->timeout = 12;
		opts->retry = 1;
		return 0;
	case FAMILY:
		return set_family(def, value, field, err);
	case MTU:
		if (set_number(def, value, field, err))
			return -1;
		return *(int64_t *)field & (*(int64_t *)field - 1)
			       ? bad_value(def, value, err)
			       : 0;
	case GBPS:
		return set_gbps(def, value, field, err);
	case DSCP:
		if (set_number(def, value, field, err))
			return -1;
		*(int64_t *)field *= 4;
		return 0;
	case STYLE:
		return set_style(def, value, field, err);
	case MODE:
		return set_mode(def, value, field, err);
	case TEXT:
		*(const char **)field = value;
		return 0;
	case RAIL:
		return add_rail(def, value, opts, err);
	case LISTEN:
		return endpoint_parse(value, PROTO_PORT, &opts->listen)
			       ? 0
			       : bad_value(def, value, err);
	case METRICS:
		return endpoint_parse(value, METRICS_PORT, &opts->metrics)
			       ? 0
			       : bad_value(def, value, err);
	default:
		return set_number(def, value, field, err);
	}
}
