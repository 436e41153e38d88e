/*
 * device_info.h - tell Multus what the device is (device-info specification 1.1.0).
 *
 * The runtime names a file in runtimeConfig.CNIDeviceInfoFile when the configuration
 * declares the capability. Multus has usually copied there what the device plugin knew;
 * we complete it, and keep what we do not understand.
 */
#ifndef SRIOV_DEVICE_INFO_H
#define SRIOV_DEVICE_INFO_H

#include "plugins/sriov/plan.h"

int device_info_write(const struct conf *conf, const struct plan *plan,
		      const struct view *view, struct err *err);

#endif
