/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tries what the sandbox of the service forbids, each in a process of its own, and what it must
 * allow; one line for each: "allowed NAME" or "refused NAME: why". tests/system/test-service.sh
 * runs it as the service would run, and without the sandbox, where all of it must work. Nothing
 * that it does stays: a call that could change the machine is made with arguments that only a
 * kernel that got to look at them refuses.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/ptrace.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/array.h"

/* A group and a user that own nothing. */
#define NOBODY 65534
/* Longest path that is tried. */
#define PATH_SIZE 256
/* What a child says of itself. */
#define CHILD_ALLOWED 0
#define CHILD_REFUSED 1

/* Where the service may write; the argument. */
static const char *state;

static bool creates(const char *directory)
{
	char path[PATH_SIZE];
	int fd;

	snprintf(path, sizeof(path), "%s/.sandbox-probe", directory);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return false;
	close(fd);
	return unlink(path) == 0;
}

static bool writes_etc(void)
{
	return creates("/etc");
}

static bool writes_configuration(void)
{
	return creates("/etc/ldapsward");
}

static bool writes_usr(void)
{
	return creates("/usr/bin");
}

static bool writes_var(void)
{
	return creates("/var/lib");
}

static bool writes_home(void)
{
	return creates("/home");
}

static bool writes_root(void)
{
	return creates("/root");
}

static bool writes_run(void)
{
	return creates("/run");
}

static bool writes_cgroup(void)
{
	const char *path = "/sys/fs/cgroup/sandbox-probe";

	return mkdir(path, 0700) == 0 && rmdir(path) == 0;
}

static bool tunes_kernel(void)
{
	return open("/proc/sys/net/ipv4/ip_default_ttl", O_WRONLY | O_CLOEXEC) >= 0;
}

static bool maps_executable(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		       0) != MAP_FAILED;
}

static bool makes_executable(void)
{
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return page != MAP_FAILED && mprotect(page, 4096, PROT_READ | PROT_EXEC) == 0;
}

static bool attaches_executable(void)
{
	int id = shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600);
	void *at = id < 0 ? (void *)-1 : shmat(id, NULL, SHM_EXEC);

	if (id >= 0)
		(void)shmctl(id, IPC_RMID, NULL);
	return at != (void *)-1;
}

static bool opens(int family, int type, int protocol)
{
	return socket(family, type | SOCK_CLOEXEC, protocol) >= 0;
}

static bool opens_netlink(void)
{
	return opens(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
}

static bool opens_packet(void)
{
	return opens(AF_PACKET, SOCK_DGRAM, 0);
}

static bool opens_raw(void)
{
	return opens(AF_INET, SOCK_RAW, 1);
}

static bool opens_ipv4(void)
{
	return opens(AF_INET, SOCK_STREAM, 0);
}

static bool opens_ipv6(void)
{
	return opens(AF_INET6, SOCK_STREAM, 0);
}

static bool opens_unix(void)
{
	return opens(AF_UNIX, SOCK_DGRAM, 0);
}

static bool traces(void)
{
	pid_t child = fork();
	bool attached;

	if (child == 0) {
		pause();
		_exit(0);
	}
	attached = child > 0 && ptrace(PTRACE_SEIZE, child, NULL, NULL) == 0;
	if (child > 0) {
		int number = errno;

		(void)kill(child, SIGKILL);
		(void)waitpid(child, NULL, 0);
		errno = number;
	}
	return attached;
}

static bool becomes_another(void)
{
	return setuid(NOBODY) == 0;
}

static bool joins_a_group(void)
{
	return setgid(NOBODY) == 0;
}

static bool gives_away(void)
{
	char path[PATH_SIZE];
	int fd, r;

	snprintf(path, sizeof(path), "%s/sandbox-probe-owner", state);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	r = fd < 0 ? -1 : fchown(fd, NOBODY, NOBODY);
	(void)unlink(path);
	return r == 0;
}

static bool sets_suid(void)
{
	char path[PATH_SIZE];
	int fd, r, number;

	snprintf(path, sizeof(path), "%s/sandbox-probe-suid", state);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0700);
	r = fd < 0 ? -1 : fchmod(fd, 04700);
	number = errno;
	(void)unlink(path);
	errno = number;
	return r == 0;
}

static bool mounts(void)
{
	return mount("probe", state, "tmpfs", 0, "size=64k") == 0 && umount(state) == 0;
}

static bool makes_namespace(void)
{
	return unshare(CLONE_NEWUTS) == 0;
}

static bool changes_root(void)
{
	return chroot("/") == 0;
}

static bool names_host(void)
{
	char name[PATH_SIZE];

	return gethostname(name, sizeof(name)) == 0 && sethostname(name, strlen(name)) == 0;
}

/* No clock has such a time: a kernel that got to look at it says EINVAL. */
static bool sets_clock(void)
{
	const struct timespec never = {.tv_nsec = -1};

	/* not by the C library, which looks at it first */
	return syscall(SYS_clock_settime, CLOCK_REALTIME, &never) == 0 || errno == EINVAL;
}

static bool sees_modules(void)
{
	DIR *directory = opendir("/usr/lib/modules");

	return directory && readdir(directory);
}

static bool changes_personality(void)
{
	return personality(ADDR_NO_RANDOMIZE) >= 0;
}

static bool runs_in_real_time(void)
{
	const struct sched_param least = {.sched_priority = 1};

	return sched_setscheduler(0, SCHED_FIFO, &least) == 0;
}

static bool sees_others(void)
{
	return access("/proc/1/status", R_OK) == 0;
}

static bool reads_kernel(void)
{
	return access("/proc/meminfo", R_OK) == 0;
}

static bool writes_state(void)
{
	return creates(state);
}

static bool writes_runtime(void)
{
	return creates("/run/ldapsward");
}

static bool writes_tmp(void)
{
	return creates("/tmp");
}

static bool forks(void)
{
	pid_t child = fork();

	if (child == 0)
		_exit(0);
	return child > 0 && waitpid(child, NULL, 0) == child;
}

static const struct attempt {
	const char *name;
	bool (*try)(void);
} attempts[] = {
	{"write to /etc", writes_etc},
	{"write to /etc/ldapsward", writes_configuration},
	{"write to /usr/bin", writes_usr},
	{"write to /var/lib", writes_var},
	{"write to /home", writes_home},
	{"write to /root", writes_root},
	{"write to /run", writes_run},
	{"make a control group", writes_cgroup},
	{"tune the kernel", tunes_kernel},
	{"map memory to write and execute", maps_executable},
	{"make written memory executable", makes_executable},
	{"attach shared memory to execute", attaches_executable},
	{"open an AF_NETLINK socket", opens_netlink},
	{"open an AF_PACKET socket", opens_packet},
	{"open a raw socket", opens_raw},
	{"trace a process", traces},
	{"become another user", becomes_another},
	{"join another group", joins_a_group},
	{"give a file away", gives_away},
	{"make a setuid program", sets_suid},
	{"mount", mounts},
	{"make a namespace", makes_namespace},
	{"change the root directory", changes_root},
	{"name the host", names_host},
	{"set the clock", sets_clock},
	{"see kernel modules", sees_modules},
	{"change the personality", changes_personality},
	{"run in real time", runs_in_real_time},
	{"see other processes", sees_others},
	{"read about the machine", reads_kernel},
	/* what the service needs */
	{"needed: write to its state", writes_state},
	{"needed: write to its runtime directory", writes_runtime},
	{"needed: write to a /tmp of its own", writes_tmp},
	{"needed: open an IPv4 socket", opens_ipv4},
	{"needed: open an IPv6 socket", opens_ipv6},
	{"needed: open a local socket", opens_unix},
	{"needed: start a process", forks},
};

static void probe(const struct attempt *attempt)
{
	int status = 0, ends[2];
	pid_t child;
	int number = 0;

	fflush(stdout);
	if (pipe2(ends, O_CLOEXEC) < 0)
		exit(EXIT_FAILURE);
	child = fork();
	if (child == 0) {
		errno = 0;
		if (attempt->try())
			_exit(CHILD_ALLOWED);
		number = errno;
		_exit(write(ends[1], &number, sizeof(number)) > 0 ? CHILD_REFUSED : CHILD_ALLOWED);
	}
	close(ends[1]);
	if (child < 0 || waitpid(child, &status, 0) != child)
		exit(EXIT_FAILURE);
	if (WIFEXITED(status) && WEXITSTATUS(status) == CHILD_ALLOWED)
		printf("allowed %s\n", attempt->name);
	else if (read(ends[0], &number, sizeof(number)) == sizeof(number))
		printf("refused %s: %s\n", attempt->name, strerrordesc_np(number));
	else
		printf("refused %s: ended by signal %d\n", attempt->name, WTERMSIG(status));
	close(ends[0]);
}

int main(int argc, char **argv)
{
	if (argc != 2)
		return EXIT_FAILURE;
	state = argv[1];
	for (size_t i = 0; i < ARRAY_LENGTH(attempts); i++)
		probe(&attempts[i]);
	return EXIT_SUCCESS;
}
