// The loop anyone would write first: one thread; every second three blocking libmodbus reads of each device and one JSON message at
// QoS 1 through libmosquitto. No store, no profile, no reconnecting, no commands. It is the floor a gateway is compared with.
//
//   bare FIRST-PORT PORTS UNITS BROKER-PORT
#include <errno.h>
#include <modbus.h>
#include <mosquitto.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const struct {
    int address, count;
} blocks[] = {{0, 90}, {200, 121}, {330, 61}};
static const struct {
    int from, to, step;
} wanted[] = {{0, 40, 1}, {50, 70, 1}, {80, 90, 1}, {200, 220, 1}, {300, 400, 10}};

static int fail(const char *what, const char *why) {
    fprintf(stderr, "bare: %s: %s\n", what, why);
    return 1;
}

static int64_t milliseconds(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return t.tv_sec * INT64_C(1000) + t.tv_nsec / 1000000;
}

// The same text that Headgate sends for a batch whose readings are all good.
static int encode(char *text, size_t room, int device, const uint16_t *registers) {
    int64_t time = milliseconds(CLOCK_REALTIME);
    int length = snprintf(text, room, "{\"site\":\"w\",\"device\":\"d%d\",\"time\":%lld,\"values\":{", device, (long long)time);
    const char *comma = "";
    for (size_t w = 0; w < sizeof wanted / sizeof *wanted; w++) {
        for (int a = wanted[w].from; a < wanted[w].to; a += wanted[w].step, comma = ",") {
            length += snprintf(text + length, room - (size_t)length, "%s\"r%d\":%d", comma, a, registers[a]);
        }
    }
    return length + snprintf(text + length, room - (size_t)length, "}}");
}

int main(int argc, char **argv) {
    if (argc != 5) return fprintf(stderr, "bare FIRST-PORT PORTS UNITS BROKER-PORT\n"), 2;
    int first = atoi(argv[1]), ports = atoi(argv[2]), units = atoi(argv[3]);
    mosquitto_lib_init();
    struct mosquitto *broker = mosquitto_new("bare", true, NULL);
    if (!broker) return fail("the broker's client", strerror(errno));
    mosquitto_int_option(broker, MOSQ_OPT_TCP_NODELAY, 1);
    int error = mosquitto_connect(broker, "127.0.0.1", atoi(argv[4]), 60);
    if (error) return fail("the broker", mosquitto_strerror(error));
    modbus_t **links = calloc((size_t)ports, sizeof(modbus_t *));
    if (!links) return fail("memory", strerror(errno));
    for (int p = 0; p < ports; p++) {
        links[p] = modbus_new_tcp("127.0.0.1", first + p);
        if (!links[p] || modbus_connect(links[p])) return fail("a device", modbus_strerror(errno));
    }
    uint16_t registers[400];
    char text[4096], topic[32];
    for (int64_t next = milliseconds(CLOCK_MONOTONIC);;) {
        for (int device = 0; device < ports * units; device++) {
            modbus_t *link = links[device / units];
            modbus_set_slave(link, device % units + 1);
            for (size_t b = 0; b < sizeof blocks / sizeof *blocks; b++) {
                if (modbus_read_registers(link, blocks[b].address, blocks[b].count, registers + blocks[b].address) != blocks[b].count) {
                    return fail("a read", modbus_strerror(errno));
                }
            }
            snprintf(topic, sizeof topic, "w/w/d%d", device);
            error = mosquitto_publish(broker, NULL, topic, encode(text, sizeof text, device, registers), text, 1, false);
            if (error) return fail("a message", mosquitto_strerror(error));
        }
        // Until the next second is there: hear the acknowledgements.
        next += 1000;
        for (int64_t rest; (rest = next - milliseconds(CLOCK_MONOTONIC)) > 0;) {
            error = mosquitto_loop(broker, (int)rest, 1);
            if (error) return fail("the broker", mosquitto_strerror(error));
        }
    }
}
