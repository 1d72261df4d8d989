// Modbus TCP devices to measure a gateway by: PORTS ports from FIRST on, UNITS unit ids on each, holding registers 0 to 399.
//
//   devices FIRST PORTS UNITS TICK-MICROSECONDS
//
// A register's value is (time / TICK + 601 * address + 7919 * device) modulo 65536, time being CLOCK_MONOTONIC: whoever knows the
// clock reads from a value when it was born. A register that has been written (functions 06 and 16) keeps what was written.
// Lines on the standard input are commands: `reset` forgets all counts; `report` prints, ended by a line with a dot,
//   device N REQUESTS SCANS PERIODS MEAN MEDIAN WORST        a scan is a read that covers register 0; its periods in ms, the
//                                                            worst with the one that has not ended
//   write NANOSECONDS DEVICE ADDRESS VALUE                   a register was written at that time
// and its end ends the devices.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { registers = 400, longest = 260, header = 7, most_read = 125, most_written = 123 };

struct device {
    long requests, scans;
    int64_t last_scan;
    float *periods;
    size_t count, room;
    int32_t written[registers];  // -1: never
};

struct write {
    int64_t time;
    int device, address, value;
};

// What epoll hands back: a listening port, a connection, or the standard input.
struct peer {
    enum { listening, connected, commands } kind;
    int fd, port;
    size_t have;
    uint8_t bytes[4096];
};

static int ports, units;
static int64_t tick;
static struct device *devices;
static struct write *writes;
static size_t write_count, write_room;

static void die(const char *what) {
    fprintf(stderr, "devices: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void *grown(void *old, size_t count, size_t *room, size_t size) {
    if (count < *room) return old;
    *room = *room ? *room * 2 : 64;
    void *new = realloc(old, *room * size);
    if (!new) die("memory");
    return new;
}

static int64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

static unsigned word(const uint8_t *at) { return (unsigned)at[0] << 8 | at[1]; }

static void put(uint8_t *at, unsigned value) {
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static void note_scan(struct device *device, int64_t time) {
    device->scans++;
    if (device->last_scan) {
        device->periods = grown(device->periods, device->count, &device->room, sizeof *device->periods);
        device->periods[device->count++] = (float)(time - device->last_scan) / 1e6f;
    }
    device->last_scan = time;
}

static void keep(int n, unsigned address, unsigned value, int64_t time) {
    devices[n].written[address] = (int32_t)value;
    writes = grown(writes, write_count, &write_room, sizeof *writes);
    writes[write_count++] = (struct write){time, n, (int)address, (int)value};
}

// Answers one request of device n; returns the length of the answer's PDU. Exceptions: 01 function, 02 address, 03 value.
static size_t answer(int n, const uint8_t *pdu, size_t length, uint8_t *out) {
    struct device *device = &devices[n];
    int64_t time = now();
    device->requests++;
    out[0] = pdu[0];
    unsigned function = pdu[0], fault = 3;
    if (function != 3 && function != 6 && function != 16) fault = 1;
    else if (length >= 5) {
        unsigned address = word(pdu + 1), count = function == 6 ? 1 : word(pdu + 3);
        if (address + count > registers) fault = 2;
        else if (function == 3 && count >= 1 && count <= most_read) {
            if (address == 0) note_scan(device, time);
            out[1] = (uint8_t)(count * 2);
            for (unsigned a = address; a < address + count; a++) {
                int64_t born = time / tick + 601 * (int64_t)a + 7919 * (int64_t)n;
                put(out + 2 + (a - address) * 2, device->written[a] < 0 ? (unsigned)(born & 0xffff) : (unsigned)device->written[a]);
            }
            return 2 + count * 2;
        } else if (function == 6) {
            keep(n, address, word(pdu + 3), time);
            memcpy(out, pdu, 5);
            return 5;
        } else if (function == 16 && count >= 1 && count <= most_written && length == 6 + count * 2) {
            for (unsigned i = 0; i < count; i++) keep(n, address + i, word(pdu + 6 + i * 2), time);
            memcpy(out, pdu, 5);
            return 5;
        }
    }
    out[0] = (uint8_t)(function | 0x80);
    out[1] = (uint8_t)fault;
    return 2;
}

static void leave(struct peer *peer) {
    close(peer->fd);
    free(peer);
}

// Takes what has come on a connection and answers each whole request. A frame that is none ends the connection.
static void serve(struct peer *peer) {
    ssize_t got = recv(peer->fd, peer->bytes + peer->have, sizeof peer->bytes - peer->have, 0);
    if (got <= 0) {
        if (got == 0 || (errno != EAGAIN && errno != EINTR)) leave(peer);
        return;
    }
    peer->have += (size_t)got;
    uint8_t out[sizeof peer->bytes / 8 * longest];
    size_t taken = 0, filled = 0;
    while (peer->have - taken >= header + 1) {
        const uint8_t *frame = peer->bytes + taken;
        size_t length = word(frame + 4);
        if (word(frame + 2) != 0 || length < 2 || length + 6 > longest) return leave(peer);
        if (peer->have - taken < length + 6) break;
        int unit = frame[6];
        if (unit >= 1 && unit <= units) {
            size_t size = answer(peer->port * units + unit - 1, frame + header, length - 1, out + filled + header);
            memcpy(out + filled, frame, header);
            put(out + filled + 4, (unsigned)size + 1);
            filled += header + size;
        }
        taken += length + 6;
    }
    memmove(peer->bytes, peer->bytes + taken, peer->have - taken);
    peer->have -= taken;
    // Answers are small and asked for one by one: a socket that cannot take them has lost its reader.
    if (filled && send(peer->fd, out, filled, MSG_NOSIGNAL) != (ssize_t)filled) leave(peer);
}

static void await_on(int poll, int fd, int kind, int port) {
    struct peer *peer = calloc(1, sizeof *peer);
    if (!peer) die("memory");
    *peer = (struct peer){.kind = kind, .fd = fd, .port = port};
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = peer};
    if (epoll_ctl(poll, EPOLL_CTL_ADD, fd, &event)) die("epoll");
}

static void greet(int poll, struct peer *peer) {
    int fd = accept4(peer->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC), yes = 1;
    if (fd < 0) return;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    await_on(poll, fd, connected, peer->port);
}

static int by_size(const void *a, const void *b) {
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

static void report(void) {
    int64_t time = now();
    for (int n = 0; n < ports * units; n++) {
        struct device *d = &devices[n];
        double sum = 0, open = d->last_scan ? (double)(time - d->last_scan) / 1e6 : 0;
        for (size_t i = 0; i < d->count; i++) sum += d->periods[i];
        if (d->count) qsort(d->periods, d->count, sizeof *d->periods, by_size);
        printf("device %d %ld %ld %zu", n, d->requests, d->scans, d->count);
        if (!d->count) {
            puts(" 0 0 0");
            continue;
        }
        double worst = d->periods[d->count - 1];
        printf(" %.3f %.3f %.3f\n", sum / (double)d->count, d->periods[d->count / 2], worst > open ? worst : open);
    }
    for (size_t i = 0; i < write_count; i++) {
        printf("write %lld %d %d %d\n", (long long)writes[i].time, writes[i].device, writes[i].address, writes[i].value);
    }
    puts(".");
    fflush(stdout);
}

static void reset(void) {
    for (int n = 0; n < ports * units; n++) devices[n].requests = devices[n].scans = 0, devices[n].count = 0;
    write_count = 0;
}

// Hears the standard input; its end is ours.
static void hear(struct peer *peer) {
    ssize_t got = read(peer->fd, peer->bytes + peer->have, sizeof peer->bytes - peer->have - 1);
    if (got <= 0) exit(0);
    peer->have += (size_t)got;
    peer->bytes[peer->have] = 0;
    char *line = (char *)peer->bytes, *end;
    for (; (end = strchr(line, '\n')); line = end + 1) {
        *end = 0;
        if (!strcmp(line, "reset")) reset();
        else if (!strcmp(line, "report")) report();
    }
    peer->have = strlen(line);
    memmove(peer->bytes, line, peer->have);
}

int main(int argc, char **argv) {
    if (argc != 5) return fprintf(stderr, "devices FIRST PORTS UNITS TICK-MICROSECONDS\n"), 2;
    int first = atoi(argv[1]);
    ports = atoi(argv[2]), units = atoi(argv[3]), tick = atoll(argv[4]) * 1000;
    if (first < 1 || ports < 1 || first + ports > 65536 || units < 1 || units > 247 || tick < 1000) {
        return fprintf(stderr, "devices: a port, a count of units or a tick that cannot be\n"), 2;
    }
    devices = calloc((size_t)(ports * units), sizeof *devices);
    int poll = epoll_create1(EPOLL_CLOEXEC);
    if (!devices || poll < 0) die("start");
    for (int n = 0; n < ports * units; n++) memset(devices[n].written, 0xff, sizeof devices[n].written);
    for (int p = 0; p < ports; p++) {
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), yes = 1;
        struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)(first + p))};
        at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
        if (bind(fd, (struct sockaddr *)&at, sizeof at) || listen(fd, 64)) {
            fprintf(stderr, "devices: port %d: %s\n", first + p, strerror(errno));
            return 1;
        }
        await_on(poll, fd, listening, p);
    }
    await_on(poll, STDIN_FILENO, commands, 0);
    puts("ready");
    fflush(stdout);
    for (;;) {
        struct epoll_event events[64];
        int count = epoll_wait(poll, events, 64, -1);
        if (count < 0 && errno != EINTR) die("epoll");
        for (int i = 0; i < count; i++) {
            struct peer *peer = events[i].data.ptr;
            if (peer->kind == listening) greet(poll, peer);
            else if (peer->kind == connected) serve(peer);
            else hear(peer);
        }
    }
}
