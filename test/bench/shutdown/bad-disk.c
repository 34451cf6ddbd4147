// A bad file system, preloaded into a process (bad-disk.ts): calls to what lies below $BAD_DISK do not return as long as the file
// $BAD_DISK_STILL is there, and have no space as long as $BAD_DISK_FULL is. Like a mount of NFS that hangs, it lets KILL through.
// The process's own log is spared.

#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static int is_there(const char *name) {
  const char *path = getenv(name);
  return path != NULL && syscall(SYS_access, path, F_OK) == 0;
}

static int is_ours(const char *path) {
  const char *folder = getenv("BAD_DISK");
  return folder != NULL && path != NULL && strncmp(path, folder, strlen(folder)) == 0;
}

/* Waits while the disk stands still; true when what is to be written has no space. */
static int check_path(const char *path) {
  if (!is_ours(path)) return 0;
  while (is_there("BAD_DISK_STILL")) usleep(20000);
  return is_there("BAD_DISK_FULL");
}

static int check_file(int fd) {
  char link[64], path[4096];
  if (fd <= 2 || (!is_there("BAD_DISK_STILL") && !is_there("BAD_DISK_FULL"))) return 0;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length <= 0) return 0;
  path[length] = 0;
  return check_path(path);
}

#define NO_SPACE return errno = ENOSPC, -1
#define REAL(name) static __typeof__(&name) real; if (real == NULL) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

int open64(const char *path, int flags, ...) {
  REAL(open64);
  va_list more;
  va_start(more, flags);
  mode_t mode = (flags & O_CREAT) != 0 ? va_arg(more, mode_t) : 0;
  va_end(more);
  if (check_path(path) && (flags & O_CREAT) != 0) NO_SPACE;
  return real(path, flags, mode);
}

int fsync(int fd) { REAL(fsync); check_file(fd); return real(fd); }
int fdatasync(int fd) { REAL(fdatasync); check_file(fd); return real(fd); }
ssize_t read(int fd, void *to, size_t count) { REAL(read); check_file(fd); return real(fd, to, count); }
ssize_t write(int fd, const void *from, size_t count) { REAL(write); if (check_file(fd)) NO_SPACE; return real(fd, from, count); }
ssize_t pread64(int fd, void *to, size_t count, off64_t at) { REAL(pread64); check_file(fd); return real(fd, to, count, at); }
ssize_t pwrite64(int fd, const void *from, size_t count, off64_t at) { REAL(pwrite64); if (check_file(fd)) NO_SPACE; return real(fd, from, count, at); }
ssize_t pwritev64(int fd, const struct iovec *from, int count, off64_t at) { REAL(pwritev64); if (check_file(fd)) NO_SPACE; return real(fd, from, count, at); }
int rename(const char *from, const char *to) { REAL(rename); check_path(from); return real(from, to); }
int link(const char *from, const char *to) { REAL(link); check_path(from); return real(from, to); }
int unlink(const char *path) { REAL(unlink); check_path(path); return real(path); }
int rmdir(const char *path) { REAL(rmdir); check_path(path); return real(path); }
int mkdir(const char *path, mode_t mode) { REAL(mkdir); if (check_path(path)) NO_SPACE; return real(path, mode); }
int scandir64(const char *path, struct dirent64 ***names, int (*filter)(const struct dirent64 *),
              int (*order)(const struct dirent64 **, const struct dirent64 **)) {
  REAL(scandir64);
  check_path(path);
  return real(path, names, filter, order);
}
