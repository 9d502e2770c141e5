/*
 * An agent in C at a polled mailbox (MHUv1 in a memory file), as a kernel is one: it sleeps, sends a SENSOR_READING_GET,
 * looks at the area until the response is there, and prints how long that took. With "floor" a second process that does
 * nothing but look answers instead of a simulator: the least that an agent which has slept can see on this machine.
 * Build: cc -std=c11 -O2 polling_agent.c. Usage: FILE SET_OFFSET AREA_OFFSET ROUNDS PAUSE_US [floor]. Prints p50 and p99, ns.
 */
#define _POSIX_C_SOURCE 200809L
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { SENSOR = 0x15, SENSOR_READING_GET = 0x6, HEADER = SENSOR << 10 | SENSOR_READING_GET };
enum { FREE = 1, RESPONSE_SIZE = 56 };
enum { TIMEOUT_NS = 2000000000, WARM_UP_ROUNDS = 5000 };

/* Both ends of the wire are little-endian, and so is every host that runs this. */
struct area {
  uint32_t reserved;
  _Atomic uint32_t status;
  uint32_t implementation[2];
  uint32_t flags;
  uint32_t length; /* of header and payload, bytes */
  uint32_t header;
  uint32_t payload[16];
};

static struct area *area;
static _Atomic uint32_t *doorbell;

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static int64_t now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static int compare(const void *left, const void *right) {
  int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
  return (a > b) - (a < b);
}

/* Sends one command and returns how long its response took. */
static int64_t exchange(void) {
  int64_t start = now_ns();
  area->flags = 0;
  area->length = 12;
  area->header = HEADER;
  area->payload[0] = area->payload[1] = 0;
  atomic_store(&area->status, 0);
  atomic_store(doorbell, 1);
  while ((atomic_load(&area->status) & FREE) == 0) {
    if (now_ns() - start < TIMEOUT_NS) continue;
    fputs("the platform does not answer\n", stderr);
    exit(1);
  }
  int64_t took = now_ns() - start;
  if (area->payload[0] != 0 || area->length != RESPONSE_SIZE) {
    fprintf(stderr, "the reading fails with status %d\n", (int)area->payload[0]);
    exit(1);
  }
  return took;
}

/* Answers like a platform that has nothing else to do. */
static void answer(void) {
  static const uint32_t values[16];
  for (;;) {
    if (atomic_load(doorbell) == 0) continue;
    atomic_store(doorbell, 0);
    memcpy(area->payload, values, RESPONSE_SIZE - 4);
    area->length = RESPONSE_SIZE;
    atomic_store(&area->status, FREE);
  }
}

int main(int count, char **arguments) {
  if (count < 6) {
    fputs("usage: FILE SET_OFFSET AREA_OFFSET ROUNDS PAUSE_US [floor]\n", stderr);
    return 2;
  }
  int rounds = atoi(arguments[4]);
  struct timespec pause = {0, atol(arguments[5]) * 1000};
  int file = open(arguments[1], O_RDWR);
  struct stat status;
  if (file < 0 || fstat(file, &status) != 0) fail(arguments[1]);
  char *memory = mmap(NULL, (size_t)status.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  int64_t *times = malloc(sizeof *times * (size_t)(rounds > 0 ? rounds : 1));
  if (memory == MAP_FAILED || times == NULL || rounds < 1) fail("memory");
  doorbell = (_Atomic uint32_t *)(void *)(memory + atol(arguments[2]));
  area = (struct area *)(void *)(memory + atol(arguments[3]));

  pid_t platform = count > 6 ? fork() : 0;
  if (platform < 0) fail("fork");
  if (count > 6 && platform == 0) answer();
  /* A platform that has just started is slower than one that has served a guest's drivers. */
  for (int round = 0; round < WARM_UP_ROUNDS; round++) exchange();
  for (int round = -rounds / 5; round < rounds; round++) {
    nanosleep(&pause, NULL);
    int64_t took = exchange();
    if (round >= 0) times[round] = took;
  }
  if (platform > 0) {
    kill(platform, SIGKILL);
    waitpid(platform, NULL, 0);
  }
  qsort(times, (size_t)rounds, sizeof *times, compare);
  printf("%" PRId64 " %" PRId64 "\n", times[rounds / 2], times[(size_t)rounds * 99 / 100]);
  return 0;
}
