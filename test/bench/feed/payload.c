/* A payload that does nearly nothing, for `npm run bench -- feed`: what is left is what feeding costs.
 *
 *   payload stream MS SPIN BYTES TALLIES         of the kind `stream`, for one slot; its tally is TALLIES/<pid>
 *   payload exec MS SPIN BYTES COUNTER OUTPUT    one event; makes the file COUNTER one byte longer
 *
 * An event takes MS milliseconds, in which it sleeps, or computes if SPIN is 1; then BYTES are written to the output, and no
 * file is made when they are 0. A tally is numbers of 8 bytes: events, their nanoseconds, nanoseconds of waiting for a
 * range, and how many waits there were of each length: those of bucket b took less than 2^((b + 1) / 4) ns. The first
 * wait is not one between two events, and not counted. */

#define _GNU_SOURCE
#include <fcntl.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

enum { BUCKETS = 160, LINE = 1 << 16 };

struct tally {
  uint64_t events, busy, idle, waits[BUCKETS];
};

static uint64_t now(void) {
  struct timespec at;
  clock_gettime(CLOCK_MONOTONIC, &at);
  return (uint64_t)at.tv_sec * 1000000000u + (uint64_t)at.tv_nsec;
}

static void event(double ms, int spin) {
  uint64_t end = now() + (uint64_t)(ms * 1e6);
  if (ms <= 0) return;
  if (spin)
    while (now() < end) continue;
  else {
    struct timespec until = {(time_t)(end / 1000000000u), (long)(end % 1000000000u)};
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
  }
}

static void put(int file, const char *bytes, size_t count) {
  if (write(file, bytes, count) != (ssize_t)count) {
    perror("payload: write");
    exit(1);
  }
}

static void output(const char *path, size_t bytes) {
  static char zeros[1 << 20];
  if (bytes == 0) return;
  int file = open(path, O_WRONLY | O_CREAT | O_EXCL, 0666);
  if (file < 0) {
    perror(path);
    exit(1);
  }
  put(file, zeros, bytes < sizeof zeros ? bytes : sizeof zeros);
  close(file);
}

static struct tally *tally_in(const char *folder) {
  char path[4096];
  snprintf(path, sizeof path, "%s/%d", folder, (int)getpid());
  int file = open(path, O_RDWR | O_CREAT, 0666);
  if (file < 0 || ftruncate(file, sizeof(struct tally)) != 0) {
    perror(path);
    exit(1);
  }
  return mmap(NULL, sizeof(struct tally), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
}

/* The text of a field; what the actor tells has no escapes in it here. */
static void field(const char *line, const char *name, char *value, size_t size) {
  const char *at = strstr(line, name);
  size_t i = 0;
  if (at != NULL)
    for (at += strlen(name); *at != '"' && *at != '\0' && i + 1 < size; at++) value[i++] = *at;
  value[i] = '\0';
}

/* The next line, and whether it had to be waited for. */
static char *next_line(int in, int *waited) {
  static char text[LINE];
  static size_t from, to;
  *waited = 0;
  for (;;) {
    char *end = memchr(text + from, '\n', to - from);
    if (end != NULL) {
      char *line = text + from;
      *end = '\0';
      from = (size_t)(end - text) + 1;
      return line;
    }
    memmove(text, text + from, to - from);
    to -= from;
    from = 0;
    ssize_t count = read(in, text + to, sizeof text - to);
    if (count <= 0) return NULL;
    to += (size_t)count;
    *waited = 1;
  }
}

static int stream(double ms, int spin, size_t bytes, const char *tallies) {
  int in = atoi(getenv("NOCTUA_IN_FD")), out = atoi(getenv("NOCTUA_OUT_FD")), waited;
  struct tally *tally = tally_in(tallies);
  char id[64], path[4096], answer[128], *line;
  uint64_t since = 0;
  while ((line = next_line(in, &waited)) != NULL && strstr(line, "\"type\":\"stop\"") == NULL) {
    if (strstr(line, "\"type\":\"open\"") != NULL) put(out, "{\"type\":\"ready\"}\n", 17);
    if (strstr(line, "\"type\":\"range\"") == NULL) continue;
    uint64_t begin = now(), idle = waited ? begin - since : 0;
    if (since != 0) {
      int bucket = idle < 2 ? 0 : (int)(4 * log2((double)idle));
      tally->waits[bucket < BUCKETS ? bucket : BUCKETS - 1]++;
      tally->idle += idle;
    }
    field(line, "\"id\":\"", id, sizeof id);
    field(line, "\"output\":\"", path, sizeof path);
    event(ms, spin);
    output(path, bytes);
    tally->busy += now() - begin;
    tally->events++;
    put(out, answer, (size_t)snprintf(answer, sizeof answer, "{\"type\":\"done\",\"id\":\"%s\"}\n", id));
    since = now();
  }
  return 0;
}

int main(int count, char **words) {
  if (count < 6) return 64;
  double ms = atof(words[2]);
  int spin = atoi(words[3]);
  size_t bytes = (size_t)atol(words[4]);
  prctl(PR_SET_TIMERSLACK, 1L);
  if (strcmp(words[1], "stream") == 0) return stream(ms, spin, bytes, words[5]);
  event(ms, spin);
  output(words[6], bytes);
  int counter = open(words[5], O_WRONLY | O_APPEND | O_CREAT, 0666);
  put(counter, "x", 1);
  return 0;
}
