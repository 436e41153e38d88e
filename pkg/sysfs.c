/* sysfs.c - what sysfs tells of PCI functions and their VFs. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "pkg/netns.h"
#include "pkg/sysfs.h"

#define PATH_LEN 256

int sysfs_open(struct err *err)
{
	int fd = open("/sys", O_PATH | O_DIRECTORY | O_CLOEXEC);

	return fd >= 0 ? fd : err_set(err, errno, "open /sys");
}

/* Which namespace a sysfs shows is settled when it is made. */
static int make_sysfs(void *arg, struct err *err)
{
	_autoclose_ int fs = fsopen("sysfs", FSOPEN_CLOEXEC);
	int *ret = arg;

	if (fs < 0 || fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0))
		return err_set(err, errno, "make a sysfs for the network namespace");
	*ret = fsmount(fs, FSMOUNT_CLOEXEC, 0);
	return *ret >= 0 ? 0 : err_set(err, errno, "mount a sysfs");
}

int sysfs_open_in(int netns_fd, struct err *err)
{
	int fd = -1;

	return netns_run(netns_fd, make_sysfs, &fd, err) ? -1 : fd;
}

bool pci_address_parse(const char *text, char ret[DEVICE_LEN])
{
	size_t domain = strspn(text, "0123456789abcdefABCDEF");
	const char *rest = text + domain;
	size_t len = strlen(text);

	/* A domain has four digits, or more behind Intel's VMD. */
	if (domain < 4 || domain > 8 || len != domain + 8 || rest[0] != ':' ||
	    !isxdigit(rest[1]) || !isxdigit(rest[2]) || rest[3] != ':' ||
	    !isxdigit(rest[4]) || !isxdigit(rest[5]) || rest[6] != '.' || rest[7] < '0' ||
	    rest[7] > '7')
		return false;
	for (size_t i = 0; i <= len; i++)
		ret[i] = tolower(text[i]);
	return true;
}

/* The last part of what a link points at; false when there is no link. */
static bool link_base(int sys, const char *path, char *ret, size_t size)
{
	char target[PATH_LEN];
	ssize_t n = readlinkat(sys, path, target, sizeof(target) - 1);
	const char *base;

	if (n < 0)
		return false;
	target[n] = '\0';
	base = strrchr(target, '/');
	snprintf(ret, size, "%s", base ? base + 1 : target);
	return true;
}

void sysfs_read(int dir, const char *path, char *ret, size_t size)
{
	_autoclose_ int fd = openat(dir, path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, ret, size - 1);

	ret[n > 0 ? n : 0] = '\0';
	ret[strcspn(ret, "\n")] = '\0';
}

static DIR *open_dir(int sys, const char *path)
{
	int fd = openat(sys, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (!dir && fd >= 0)
		close(fd);
	return dir;
}

/* Physical ports name themselves "p0", "p1"; representors "pf0vf3", "c1pf0sf4". */
static bool is_uplink(int sys, const char *netdev)
{
	char path[PATH_LEN], port[32];

	snprintf(path, sizeof(path), "class/net/%s/phys_port_name", netdev);
	sysfs_read(sys, path, port, sizeof(port));
	return port[0] == 'p' && port[1] &&
	       port[1 + strspn(port + 1, "0123456789")] == '\0';
}

/* "pf0vf3" and "c1pf0vf3" end in the number of the VF. */
static bool is_representor_of(int sys, const char *netdev, int vf)
{
	char path[PATH_LEN], port[32], wanted[16];
	size_t len, tail;

	snprintf(path, sizeof(path), "class/net/%s/phys_port_name", netdev);
	sysfs_read(sys, path, port, sizeof(port));
	tail = snprintf(wanted, sizeof(wanted), "vf%d", vf);
	len = strlen(port);
	return len > tail && !strcmp(port + len - tail, wanted);
}

/* A PF in switchdev mode has its VFs' representors beside its own device: take the
 * one that says it is the port, else the only one. */
static void pick_netdev(int sys, const char *path, char ret[IFNAMSIZ])
{
	_autodir_ DIR *dir = open_dir(sys, path);
	struct dirent *entry;
	int count = 0;

	ret[0] = '\0';
	while (dir && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		if (count++ && !is_uplink(sys, entry->d_name))
			continue;
		snprintf(ret, IFNAMSIZ, "%s", entry->d_name);
	}
	if (count > 1 && !is_uplink(sys, ret))
		ret[0] = '\0';
}

static const char *bus_of(const char *device)
{
	char pci[DEVICE_LEN];

	return pci_address_parse(device, pci) ? "pci" : "auxiliary";
}

static void device_path(char path[PATH_LEN], const char *device, const char *what)
{
	snprintf(path, PATH_LEN, "bus/%s/devices/%s%s%s", bus_of(device), device,
		 *what ? "/" : "", what);
}

void sysfs_representor(int sys, const char *pf_device, int vf, char ret[IFNAMSIZ])
{
	_autodir_ DIR *dir = NULL;
	struct dirent *entry;
	char path[PATH_LEN];

	ret[0] = '\0';
	device_path(path, pf_device, "net");
	dir = open_dir(sys, path);
	while (dir && !*ret && (entry = readdir(dir)))
		if (is_representor_of(sys, entry->d_name, vf))
			snprintf(ret, IFNAMSIZ, "%s", entry->d_name);
}

void sysfs_netdev(int sys, const char *device, char ret[IFNAMSIZ])
{
	char path[PATH_LEN];

	device_path(path, device, "net");
	pick_netdev(sys, path, ret);
}

void sysfs_child(int sys, const char *device, const char *class, char *ret, size_t size)
{
	_autodir_ DIR *dir = NULL;
	struct dirent *entry;
	char path[PATH_LEN];

	ret[0] = '\0';
	device_path(path, device, class);
	dir = open_dir(sys, path);
	while (dir && !*ret && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			snprintf(ret, size, "%s", entry->d_name);
}

/* Bus, device and function as one number: what SR-IOV counts VFs in. */
static long routing_id(const char *device)
{
	const char *colon = strchr(device, ':');
	unsigned int bus, slot, function;

	if (!colon || sscanf(colon, ":%2x:%2x.%1x", &bus, &slot, &function) != 3)
		return -1;
	return bus << 8 | slot << 3 | function;
}

static long read_number(int sys, const char *device, const char *attr)
{
	char path[PATH_LEN], text[32];

	device_path(path, device, attr);
	sysfs_read(sys, path, text, sizeof(text));
	return *text ? strtol(text, NULL, 10) : -1;
}

/* VF i is at PF + offset + i * stride (SR-IOV capability, PCIe 9.2.1.2; attributes
 * since Linux 4.15): no walk over a hundred virtfn links. */
static int vf_index(int sys, const char *pf_device, const char *device)
{
	long offset = read_number(sys, pf_device, "sriov_offset");
	long stride = read_number(sys, pf_device, "sriov_stride");
	long away = routing_id(device) - routing_id(pf_device) - offset;

	if (offset < 0 || away < 0 || (stride > 0 ? away % stride : away))
		return -1;
	return stride > 0 ? away / stride : 0;
}

bool sysfs_has_device(int sys, const char *device)
{
	char path[PATH_LEN];

	device_path(path, device, "");
	return !faccessat(sys, path, F_OK, 0);
}

int sysfs_vf(int sys, const char *device, struct pci_vf *ret, struct err *err)
{
	struct pci_vf vf = { .index = -1 };
	char path[PATH_LEN];

	snprintf(vf.device, sizeof(vf.device), "%s", device);
	if (!sysfs_has_device(sys, device))
		return err_set(err, ENOENT, "find device %s", device);
	device_path(path, device, "sriov_numvfs");
	if (!faccessat(sys, path, F_OK, 0))
		return err_set(err, EINVAL, "device %s is a physical function, not a VF",
			       device);

	device_path(path, device, "driver");
	if (!link_base(sys, path, vf.driver, sizeof(vf.driver)))
		vf.driver[0] = '\0';
	sysfs_netdev(sys, device, vf.netdev);
	device_path(path, device, "physfn");
	if (link_base(sys, path, vf.pf_device, sizeof(vf.pf_device))) {
		sysfs_netdev(sys, vf.pf_device, vf.pf);
		vf.index = vf_index(sys, vf.pf_device, device);
	}
	*ret = vf;
	return 0;
}

int sysfs_device_of(int sys, const char *netdev, char ret[DEVICE_LEN], struct err *err)
{
	char path[PATH_LEN];

	snprintf(path, sizeof(path), "class/net/%s/device", netdev);
	if (!link_base(sys, path, ret, DEVICE_LEN))
		return err_set(err, ENODEV, "find the device behind interface %s",
			       netdev);
	return 0;
}

bool sysfs_vf_device(int sys, const char *pf_device, int i, char ret[DEVICE_LEN])
{
	char path[PATH_LEN], link[32];

	snprintf(link, sizeof(link), "virtfn%d", i);
	device_path(path, pf_device, link);
	return link_base(sys, path, ret, DEVICE_LEN);
}

bool sysfs_can_reset(int sys, const char *device)
{
	char path[PATH_LEN];

	device_path(path, device, "reset");
	return !faccessat(sys, path, F_OK, 0);
}

int sysfs_reset(int sys, const char *device, struct err *err)
{
	_autoclose_ int fd = -1;
	char path[PATH_LEN];

	device_path(path, device, "reset");
	fd = openat(sys, path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, "1", 1) != 1)
		return err_set(err, errno, "reset function %s", device);
	return 0;
}

bool pci_vf_is_user(const struct pci_vf *vf)
{
	static const char *const drivers[] = { "vfio-pci", "uio_pci_generic", "igb_uio",
					       "mlx5_vfio_pci" };

	for (size_t i = 0; i < ARRAY_SIZE(drivers); i++)
		if (!strcmp(vf->driver, drivers[i]))
			return true;
	return false;
}
