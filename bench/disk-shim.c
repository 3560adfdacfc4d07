/* A disk that is slow, or fails: preloaded into a process. DISK_SHIM_DELAY_US is added to each sync; while the file
   DISK_SHIM_FAIL exists, each sync fails with EIO. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

static int shim(const char *name, int fd) {
  const char *fail = getenv("DISK_SHIM_FAIL");
  const char *delay = getenv("DISK_SHIM_DELAY_US");
  int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
  if (fail && access(fail, F_OK) == 0) {
    errno = EIO;
    return -1;
  }
  if (delay) usleep((useconds_t)atoi(delay));
  return real(fd);
}

int fsync(int fd) { return shim("fsync", fd); }
int fdatasync(int fd) { return shim("fdatasync", fd); }
