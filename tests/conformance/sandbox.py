"""sandbox - a place of its own for a plugin under test: processes, mounts, network, and a root directory.

Everything that can be written there is a tmpfs of a few hundred files, so what a plugin leaves can be told
exactly. The root holds /usr read-only, the plugin's directory as /plugins, this one as /suite, an empty
/run, /var, /etc and /tmp, and /sys: empty, to be furnished, or the machine's own.
"""
import os
import subprocess
import sys

MARK = "CONFORMANCE_SANDBOX"
HERE = os.path.dirname(os.path.realpath(__file__))

FURNISH = r"""
root=$1 plugins=$2 here=$3 real=$4
shift 4
mount -t tmpfs -o mode=755 tmpfs "$root"
cd "$root"
mkdir -p usr proc sys dev etc run/netns tmp var/lib/cni opt/fake plugins suite
mount --bind /usr usr
mount -o remount,bind,ro usr
for dir in bin sbin lib lib32 lib64 libx32; do
	if [ -L /$dir ]; then cp -P /$dir $dir
	elif [ -d /$dir ]; then mkdir $dir; mount --bind /$dir $dir; fi
done
mount -t proc proc proc
for node in null zero full random urandom; do
	: > dev/$node
	mount --bind /dev/$node dev/$node
done
echo 0123456789abcdef0123456789abcdef > etc/machine-id
mount --bind "$plugins" plugins
mount --bind "$here" suite
if [ -n "$real" ]; then mount --rbind /sys sys; else ip link set lo up; fi
ln -s /suite/fake-ipam opt/fake/fake-ipam
export PYTHONDONTWRITEBYTECODE=1 PATH=/usr/sbin:/usr/bin:/sbin:/bin
exec chroot . /usr/bin/python3 "$@"
"""


def enter(plugins, build, real=False):
    """Run this program again inside, and exit with its status; return at once when we are inside.

    `real`: stay in this network namespace and see the machine's /sys, as a VF needs it.
    """
    if os.environ.get(MARK):
        return
    root = os.path.join(build, "conformance")
    os.makedirs(root, exist_ok=True)
    command = ["unshare", "--mount", "--propagation", "private", "--pid", "--fork", "--kill-child"]
    if not real:
        command.append("--net")
    if os.getuid():
        command.append("--map-root-user")
    program = os.path.join("/suite", os.path.basename(sys.argv[0]))
    command += ["sh", "-euc", FURNISH, "furnish", root, plugins, HERE, "yes" if real else "",
                program] + sys.argv[1:]
    sys.exit(subprocess.call(command, env=dict(os.environ, **{MARK: "1"})))


def processes():
    """The processes here, this one left out: {pid: command line}."""
    found = {}
    for name in os.listdir("/proc"):
        if not name.isdigit() or int(name) == os.getpid():
            continue
        try:
            with open(f"/proc/{name}/stat", encoding="utf-8", errors="replace") as stat:
                if stat.read().rpartition(")")[2].split()[0] == "Z":
                    continue
            with open(f"/proc/{name}/cmdline", "rb") as cmdline:
                found[int(name)] = cmdline.read().replace(b"\0", b" ").decode(errors="replace")
        except (FileNotFoundError, ProcessLookupError):
            pass
    return found


def reap():
    """What lost its parent is ours, as we are process 1."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


SKIPPED = ("/usr", "/proc", "/sys", "/dev", "/plugins", "/suite", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")


def tree(top="/", skipped=SKIPPED):
    """All that is below: {path: (mode, size, what tells a change)}."""
    found = {}
    for directory, names, files in os.walk(top):
        names[:] = [name for name in names if os.path.join(directory, name) not in skipped]
        for name in names + files:
            path = os.path.join(directory, name)
            try:
                stat = os.lstat(path)
            except FileNotFoundError:
                continue
            is_dir = os.path.isdir(path) and not os.path.islink(path)
            found[path] = (stat.st_mode, stat.st_ino, None if is_dir else (stat.st_size, stat.st_mtime_ns))
    return found


def changes(before, after, allowed=()):
    """Paths that came, went or changed, but those below `allowed`."""
    return sorted(path for path in before.keys() | after.keys()
                  if before.get(path) != after.get(path)
                  and not any(path == top or path.startswith(top + "/") for top in allowed))
