/* What a round trip to another process costs at the least: a Unix socket, two processes, nothing else. Prints as SideBySide.java. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MESSAGE = 32, LARGE = 64 << 20, ROUNDS = 7 };

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

static int transfer(int fd, char *bytes, size_t size, int writing) {
  for (size_t done = 0; done < size;) {
    ssize_t n = writing ? write(fd, bytes + done, size - done) : read(fd, bytes + done, size - done);
    if (n <= 0) return 0;
    done += n;
  }
  return 1;
}

static int compare(const void *a, const void *b) {
  return (*(const double *)a > *(const double *)b) - (*(const double *)a < *(const double *)b);
}

/* There and back so often, the first round uncounted. */
static void measure(int fd, const char *name, char *bytes, size_t size, int count) {
  double micros[ROUNDS];
  for (int round = -1; round < ROUNDS; round++) {
    double start = now();
    for (int i = 0; i < count; i++) {
      if (!transfer(fd, bytes, size, 1) || !transfer(fd, bytes, size, 0)) exit(1);
    }
    if (round >= 0) micros[round] = (now() - start) / count;
  }
  qsort(micros, ROUNDS, sizeof *micros, compare);
  printf("%s\t%.3f\n", name, micros[ROUNDS / 2]);
}

/* The other process: sends each message back when it has all of it. */
static void echo(int fd, char *bytes) {
  for (size_t size = MESSAGE;; ) {
    if (!transfer(fd, bytes, 1, 0)) exit(0);
    size = bytes[0] ? LARGE : MESSAGE;
    if (!transfer(fd, bytes + 1, size - 1, 0) || !transfer(fd, bytes, size, 1)) exit(0);
  }
}

int main(int argc, char **argv) {
  int ends[2];
  char *bytes = malloc(LARGE);
  memset(bytes, 0, LARGE);
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends)) return 1;
  if (!fork()) {
    close(ends[0]);
    echo(ends[1], bytes);
  }
  close(ends[1]);
  measure(ends[0], "process round trip", bytes, MESSAGE, 5000);
  if (argc == 1) {
    bytes[0] = 1;
    measure(ends[0], "64 MiB there and back", bytes, LARGE, 1);
  }
  close(ends[0]);
  wait(NULL);
}
