"""Counts the samples that reach a broker, and knows from each value when it was born (devices.c says how)."""
import json
import socket
import struct
import threading
import time

# A value may be that old, in ticks, or it is none of ours: a register taken for its neighbour seems 601 ticks older or younger.
OLDEST = 600


class Tally:
    """What came since the last reset."""

    def __init__(self):
        self.messages = self.bytes = 0
        # Newer than what was known of the point; the same again; older; not to be a value of that register at all.
        self.distinct = self.repeated = self.older = self.odd = 0
        # From birth to arrival, in ns, of the distinct ones, where they are asked for.
        self.ages = []


class Listener(threading.Thread):
    """An MQTT 3.1.1 client with what is needed here: it hears the batches of all devices at QoS 0, and publishes commands."""

    def __init__(self, port, tick_microseconds, keeps_ages=False):
        super().__init__(daemon=True)
        self.tick = tick_microseconds * 1000
        self.keeps_ages = keeps_ages
        self.tally = Tally()
        # By device: its points' newest ticks; when its first sample came, monotonic ns.
        self.newest, self.first = {}, {}
        self.offsets = {f"r{address}": 601 * address for address in range(400)}
        self.error = None
        self.socket = socket.create_connection(("127.0.0.1", port), 5)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.sendall(packet(0x10, text("MQTT") + b"\x04\x02\x00\x00" + text("listener")))
        self.socket.sendall(packet(0x82, b"\x00\x01" + text("w/w/+") + b"\x00"))
        self.socket.settimeout(None)
        self.start()

    def publish(self, topic, payload):
        """Sends one message at QoS 0; returns when it was about to leave, monotonic ns."""
        message = packet(0x30, text(topic) + payload.encode())
        begun = time.monotonic_ns()
        self.socket.sendall(message)
        return begun

    def reset(self):
        self.tally = Tally()

    def close(self):
        try:
            self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.join()
        self.socket.close()

    def run(self):
        buffer = bytearray()
        try:
            while chunk := self.socket.recv(1 << 18):
                now = time.monotonic_ns()
                buffer += chunk
                while (whole := frame(buffer)) is not None:
                    kind, start, end = whole
                    if kind >> 4 == 3:
                        body = bytes(buffer[start:end])
                        (length,) = struct.unpack_from(">H", body)
                        self.take(body[2:2 + length].decode(), body[2 + length:], now)
                    del buffer[:end]
        except OSError:
            pass
        except (ValueError, KeyError, struct.error) as error:
            self.error = f"a message that is none: {error!r}"

    def take(self, topic, payload, now):
        tally, device = self.tally, int(topic.rpartition("/d")[2])
        newest = self.newest.setdefault(device, {})
        tally.messages += 1
        tally.bytes += len(payload)
        latest = now // self.tick
        base = latest + 7919 * device
        distinct = 0
        for name, value in json.loads(payload)["values"].items():
            age = (base + self.offsets[name] - value) & 0xFFFF if value is not None else OLDEST
            if age >= OLDEST:
                tally.odd += 1
                continue
            tick, known = latest - age, newest.get(name, -1)
            if tick > known:
                newest[name] = tick
                distinct += 1
                if self.keeps_ages:
                    tally.ages.append(now - tick * self.tick)
            elif tick == known:
                tally.repeated += 1
            else:
                tally.older += 1
        tally.distinct += distinct
        if distinct and device not in self.first:
            self.first[device] = now


def text(words):
    encoded = words.encode()
    return struct.pack(">H", len(encoded)) + encoded


def packet(kind, body):
    head, rest = bytearray([kind]), len(body)
    while True:
        head.append(rest & 0x7F | (0x80 if rest > 0x7F else 0))
        rest >>= 7
        if not rest:
            return bytes(head) + body


def frame(buffer):
    """The first packet's first byte, and where its body begins and ends; nil while it has not come whole."""
    length = 0
    for place in range(1, min(len(buffer), 5)):
        length |= (buffer[place] & 0x7F) << 7 * (place - 1)
        if not buffer[place] & 0x80:
            end = place + 1 + length
            return (buffer[0], place + 1, end) if end <= len(buffer) else None
    return None
