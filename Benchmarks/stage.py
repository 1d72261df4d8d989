"""What one measurement needs on this machine: a folder, devices, a broker, a listener, a gateway. Leaving it ends them all."""
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time

from samples import Listener

HERE = pathlib.Path(__file__).resolve().parent
FIRST, BROKER, CONSOLE = 15020, 18830, 18890


class Failure(Exception):
    """Ends the whole run, in one line."""


class Stopping:
    """Ctrl-C and the like are noted, and heeded where nothing is half begun."""
    number = None

    @classmethod
    def hear(cls, number, _):
        cls.number = number

    @classmethod
    def check(cls):
        if cls.number is not None:
            sys.exit(128 + cls.number)


class Stage:
    def __init__(self, tools, headgate, shift=0):
        self.tools, self.headgate = tools, headgate
        self.first, self.broker, self.console = FIRST + shift, BROKER + shift, CONSOLE + shift
        self.running, self.listener, self.devices, self.gateway = {}, None, None, None
        # When the last of ours was started, monotonic ns.
        self.begun = 0

    def __enter__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="headgate-benchmark."))
        return self

    def __exit__(self, *_):
        if self.listener:
            self.listener.close()
        for process in reversed(self.running.values()):
            end(process)
        shutil.rmtree(self.folder, ignore_errors=True)

    def check_devices(self, ports):
        """Fails unless nothing answers where the devices shall be, or where none shall be."""
        for port in range(self.first, self.first + ports):
            check_free(port, "a device")

    def start_devices(self, ports, units, tick_microseconds):
        self.check_devices(ports)
        command = [self.tools / "devices", self.first, ports, units, tick_microseconds]
        self.devices = self.start("devices", command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if self.devices.stdout.readline() != "ready\n":
            raise self.ended("devices")

    def start_broker(self, tick_microseconds, keeps_ages):
        check_free(self.broker, "the broker")
        words = [f"listener {self.broker} 127.0.0.1", "allow_anonymous true", "persistence false", "max_queued_messages 0",
                 "set_tcp_nodelay true", "log_type error"]
        if os.getuid() == 0:
            words.append("user root")
        (self.folder / "mosquitto.conf").write_text("\n".join(words) + "\n")
        mosquitto = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
        self.start("mosquitto", [mosquitto, "-c", self.folder / "mosquitto.conf"])
        for _ in range(200):
            if not is_free(self.broker):
                break
            if self.running["mosquitto"].poll() is not None:
                raise self.ended("mosquitto")
            time.sleep(0.05)
        else:
            raise Failure(f"mosquitto does not listen on port {self.broker} after 10 s")
        self.listener = Listener(self.broker, tick_microseconds, keeps_ages)

    def start_headgate(self, ports, units, *options):
        check_free(self.console, "the console")
        workload = [sys.executable, HERE / "workload.py", self.folder, "--ports", ports, "--units", units, "--broker", self.broker,
                    "--first-port", self.first, "--console", self.console, *options]
        subprocess.run(list(map(str, workload)), check=True)
        self.gateway = self.start("headgate", [self.headgate, "run", "--config", self.folder / "site.yaml"])

    def start_bare(self, ports, units):
        self.gateway = self.start("bare", [self.tools / "bare", self.first, ports, units, self.broker])

    def start(self, name, command, **streams):
        """In a session of its own: Ctrl-C reaches us alone, and we end them in order."""
        with open(self.folder / f"{name}.log", "w") as log:
            streams = {"stdin": subprocess.DEVNULL, "stdout": log, **streams}
            self.begun = time.monotonic_ns()
            self.running[name] = subprocess.Popen(list(map(str, command)), stderr=log, start_new_session=True, **streams)
        return self.running[name]

    def ended(self, name):
        lines = (self.folder / f"{name}.log").read_text(errors="replace").split("\n")
        return Failure(f"{name} ended by itself: {next((line for line in reversed(lines) if line.strip()), 'without a word')}")

    def sleep(self, seconds):
        """Waits, and fails as soon as anything of ours is gone."""
        until = time.monotonic() + seconds
        while True:
            Stopping.check()
            for name, process in self.running.items():
                if process.poll() is not None:
                    raise self.ended(name)
            if self.listener and self.listener.error:
                raise Failure(f"the broker brought {self.listener.error}")
            rest = until - time.monotonic()
            if rest <= 0:
                return
            time.sleep(min(rest, 0.5))

    def reset(self):
        self.devices.stdin.write("reset\n")
        self.devices.stdin.flush()
        self.listener.reset()

    def report(self):
        """The devices' own account: one list a device, [requests, scans, periods, mean, median, worst]; the writes as tuples."""
        self.devices.stdin.write("report\n")
        self.devices.stdin.flush()
        devices, writes = [], []
        while (line := self.devices.stdout.readline()) and line != ".\n":
            kind, *numbers = line.split()
            if kind == "device":
                devices.append([float(number) for number in numbers[1:]])
            else:
                writes.append(tuple(map(int, numbers)))
        return devices, writes


class Meter:
    """CPU seconds of a process with all its threads, those that have ended too, since this was made."""

    def __init__(self, process):
        self.pid = process.pid
        self.begun, self.fine, self.coarse = time.monotonic(), *self.read()

    def read(self):
        # A process's CPU clock, as clock_getcpuclockid(3) names it: what the scheduler counts, in ns.
        fine = time.clock_gettime(~self.pid << 3 | 2)
        fields = pathlib.Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return fine, (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self):
        """Wall seconds, CPU seconds by the scheduler's clock, and as user plus system time in steps of 10 ms."""
        fine, coarse = self.read()
        return time.monotonic() - self.begun, fine - self.fine, coarse - self.coarse


def status(process):
    """Threads, and the most memory that was ever resident, MiB."""
    lines = pathlib.Path(f"/proc/{process.pid}/status").read_text().split("\n")
    fields = dict(line.split(":", 1) for line in lines if ":" in line)
    return int(fields["Threads"]), int(fields["VmHWM"].split()[0]) / 1024


def end(process):
    if process.stdin:
        process.stdin.close()
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
    process.wait()
    if process.stdout:
        process.stdout.close()


def is_free(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def check_free(port, what):
    if not is_free(port):
        raise Failure(f"port {port} ({what}) is in use; stop what listens there, or move all ports with --shift")
