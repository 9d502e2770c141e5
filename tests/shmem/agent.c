/*
 * An agent in plain C11 for the shmem transport: what a tool needs that is not written with this project. It maps the file,
 * asks for the version of Base, reads sensor 0, turns its notifications on and waits for one. Build: cc -std=c11 agent.c
 *
 * The file: A2P area (commands) at 0, P2A area (messages of the platform) behind it; both 4096 bytes unless the simulator was
 * told another size. FILE.bell is a stream socket; a byte on it is the number of an area, here 0 for A2P and 1 for P2A.
 */
#define _POSIX_C_SOURCE 200809L
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { AREA_SIZE = 4096, A2P = 0, P2A = 1, TIMEOUT_MS = 10000 };
enum { FREE = 1, WANTS_INTERRUPT = 1 };
enum { BASE = 0x10, SENSOR = 0x15 };
enum { PROTOCOL_VERSION = 0x0, SENSOR_READING_GET = 0x6, SENSOR_CONTINUOUS_UPDATE_NOTIFY = 0xb };

/* One area. Both ends of the wire are little-endian, and so is every host that runs this. */
struct area {
  uint32_t reserved;
  _Atomic uint32_t status;
  uint32_t implementation[2];
  uint32_t flags;
  uint32_t length; /* of header and payload, bytes */
  uint32_t header;
  uint32_t payload[(AREA_SIZE - 28) / 4];
};

static struct area *areas;
static int bell = -1;

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static void ring(uint8_t number) {
  if (write(bell, &number, 1) != 1) fail("ring");
}

/* Waits until the platform rings for an area; other areas' rings are only a hint and are dropped. */
static void wait_ring(uint8_t number) {
  uint8_t heard;
  do {
    struct pollfd ready = {.fd = bell, .events = POLLIN};
    if (poll(&ready, 1, TIMEOUT_MS) != 1) {
      fprintf(stderr, "the platform does not ring for area %u\n", (unsigned)number);
      exit(1);
    }
    if (read(bell, &heard, 1) != 1) fail("bell");
  } while (heard != number);
}

/* Sends a command and waits for its response; returns its number of payload words. */
static uint32_t call(uint32_t protocol, uint32_t message, uint32_t token, const uint32_t *words, uint32_t count) {
  struct area *area = &areas[A2P];
  const uint32_t header = message | protocol << 10 | token << 18;
  if (!(atomic_load(&area->status) & FREE)) {
    fprintf(stderr, "the channel is not free\n");
    exit(1);
  }
  atomic_store(&area->status, 0);
  area->flags = WANTS_INTERRUPT;
  area->length = 4 + 4 * count;
  area->header = header;
  for (uint32_t i = 0; i < count; i++) area->payload[i] = words[i];
  atomic_thread_fence(memory_order_release);
  ring(A2P);
  wait_ring(A2P);
  if (!(atomic_load(&area->status) & FREE) || area->header != header || area->length < 8) {
    fprintf(stderr, "no response to message 0x%" PRIx32 "\n", message);
    exit(1);
  }
  if (area->payload[0] != 0) {
    fprintf(stderr, "message 0x%" PRIx32 " answers %" PRId32 "\n", message, (int32_t)area->payload[0]);
    exit(1);
  }
  return area->length / 4 - 1;
}

/* A reading has 64 bits, then a timestamp of 64. */
static int64_t reading_at(const uint32_t *words) {
  return (int64_t)((uint64_t)words[1] << 32 | words[0]);
}

static void open_channel(const char *path) {
  const int fd = open(path, O_RDWR | O_CLOEXEC);
  if (fd < 0) fail(path);
  areas = mmap(NULL, 2 * AREA_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (areas == MAP_FAILED) fail("mmap");
  close(fd);
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (snprintf(address.sun_path, sizeof address.sun_path, "%s.bell", path) >= (int)sizeof address.sun_path) {
    fprintf(stderr, "the path is too long\n");
    exit(1);
  }
  bell = socket(AF_UNIX, SOCK_STREAM, 0);
  if (bell < 0 || connect(bell, (struct sockaddr *)&address, sizeof address) < 0) fail(address.sun_path);
}

int main(int count, char **arguments) {
  _Static_assert(sizeof(struct area) == AREA_SIZE, "an area has no gaps");
  if (count != 2) {
    fprintf(stderr, "usage: %s FILE\n", arguments[0]);
    return 2;
  }
  open_channel(arguments[1]);

  call(BASE, PROTOCOL_VERSION, 1, NULL, 0);
  printf("Base version 0x%" PRIx32 "\n", areas[A2P].payload[1]);

  call(SENSOR, SENSOR_READING_GET, 2, (const uint32_t[]){0, 0}, 2);
  printf("sensor 0 reads %" PRId64 "\n", reading_at(&areas[A2P].payload[1]));

  call(SENSOR, SENSOR_CONTINUOUS_UPDATE_NOTIFY, 3, (const uint32_t[]){0, 1}, 2);
  printf("notifications of sensor 0 are on\n");
  fflush(stdout);

  for (int i = 0; i < 2; i++) {
    struct area *area = &areas[P2A];
    wait_ring(P2A);
    if (atomic_load(&area->status) & FREE) {
      fprintf(stderr, "a ring without a message\n");
      return 1;
    }
    /* Payload: agent, sensor, readings. */
    printf("message 0x%" PRIx32 " of type %" PRIu32 ": sensor %" PRIu32 " reads %" PRId64 "\n", area->header & 0xff,
           area->header >> 8 & 3, area->payload[1], reading_at(&area->payload[2]));
    const uint32_t flags = area->flags;
    atomic_store(&area->status, FREE);
    if (flags & WANTS_INTERRUPT) ring(P2A);
  }
  return 0;
}
