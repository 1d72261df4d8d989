#!/usr/bin/env python3
"""Measures Headgate and the bare loop, and prints Markdown tables. `run` prepares and calls it: see `run --help`.

  measure.py HEADGATE SECONDS RUNS SHIFT WORD...
"""
import datetime
import os
import pathlib
import platform
import random
import signal
import statistics
import subprocess
import sys
import tempfile

from stage import HERE, Failure, Meter, Stage, Stopping, status

TICK, LINKS = 100_000, 50
# The words that give a column of the first table: its head, whether it is the bare loop, ports, units of each, workload.py's options.
COLUMNS = {
    "w1": ("Headgate, W1, four in flight", False, LINKS, 1, ["--in-flight", 4]),
    "w1-one": ("Headgate, W1, one in flight", False, LINKS, 1, ["--in-flight", 1]),
    "bare": ("bare loop, W1", True, LINKS, 1, []),
    "w2": ("Headgate, W2", False, LINKS, 20, ["--in-flight", 4]),
    "bare-w2": ("bare loop, W2", True, LINKS, 20, []),
}
SETTLE = 6


def steady(stage, seconds, word):
    """One run of a column."""
    _, is_bare, ports, units, options = COLUMNS[word]
    stage.start_devices(ports, units, TICK)
    stage.start_broker(TICK, keeps_ages=False)
    if is_bare:
        stage.start_bare(ports, units)
    else:
        stage.start_headgate(ports, units, *options)
    first = await_all(stage, ports * units) - stage.begun
    stage.sleep(SETTLE)
    stage.reset()
    meter = Meter(stage.gateway)
    stage.sleep(seconds)
    wall, fine, coarse = meter.stop()
    tally, (devices, _) = stage.listener.tally, stage.report()
    threads, memory = status(stage.gateway)
    scans = sum(device[1] for device in devices)
    periodic = [device for device in devices if device[2]]
    if not tally.distinct or not periodic:
        raise Failure(f"{word}: no samples came, or no device was asked twice; give it more --seconds")
    return {
        "fine": fine / tally.distinct * 1e5, "coarse": coarse / tally.distinct * 1e5, "rate": tally.distinct / wall,
        "share": tally.distinct / (scans * 100) * 100, "others": tally.repeated + tally.older + tally.odd,
        "requests": sum(device[0] for device in devices) / scans,
        "mean": statistics.mean(device[3] for device in periodic), "median": statistics.median(device[4] for device in periodic),
        "worst": max(device[5] for device in periodic), "held": f"{len(periodic)} of {len(devices)}",
        "threads": threads, "memory": memory, "first": first / 1e9,
    }


def await_all(stage, count):
    """When the last of so many devices had its first sample at the broker, monotonic ns."""
    for _ in range(900):
        stage.sleep(0.1)
        if len(stage.listener.first) == count:
            return max(stage.listener.first.values())
    raise Failure(f"only {len(stage.listener.first)} of {count} devices have delivered anything after 90 s")


def write(stage, seconds):
    """From just before a command is published until its device hears the write, beside the polling of W1."""
    stage.start_devices(LINKS, 1, TICK)
    stage.start_broker(TICK, keeps_ages=False)
    stage.start_headgate(LINKS, 1, "--writable", "--commands")
    await_all(stage, LINKS)
    stage.sleep(SETTLE)
    stage.reset()
    chance, sent = random.Random(7), {}
    for number in range(int(seconds * 10)):
        key = (chance.randrange(LINKS), chance.randrange(300, 400, 10), 1000 + number)
        sent[key] = stage.listener.publish(f"w/w/d{key[0]}/r{key[1]}/set", str(key[2]))
        stage.sleep(chance.uniform(0.05, 0.15))
    stage.sleep(2)
    arrived = {}
    for moment, *key in stage.report()[1]:
        arrived.setdefault(tuple(key), moment)
    spans = sorted((arrived[key] - moment) / 1e6 for key, moment in sent.items() if key in arrived)
    if not spans:
        raise Failure("write: no command reached its device")
    return {"p50": part(spans, 0.5), "p99": part(spans, 0.99), "worst": spans[-1], "done": len(spans), "sent": len(sent)}


def latency(stage, seconds):
    """From a value's birth until it arrives, one device polled without pause. No polling period divides the tick."""
    tick = 97_300
    stage.start_devices(1, 1, tick)
    stage.start_broker(tick, keeps_ages=True)
    stage.start_headgate(1, 1, "--every", "1ms")
    await_all(stage, 1)
    stage.sleep(SETTLE)
    stage.reset()
    stage.sleep(seconds)
    tally, (devices, _) = stage.listener.tally, stage.report()
    ages = sorted(age / 1e6 for age in tally.ages)
    if not ages:
        raise Failure("latency: no value arrived")
    return {"p50": part(ages, 0.5), "p99": part(ages, 0.99), "worst": ages[-1], "scans": devices[0][1] / seconds}


def idle(stage, seconds):
    """Fifty devices polled once a minute; over whole minutes, since a scan costs what it costs."""
    stage.start_devices(LINKS, 1, TICK)
    stage.start_broker(TICK, keeps_ages=False)
    stage.start_headgate(LINKS, 1, "--every", "1m")
    await_all(stage, LINKS)
    stage.sleep(SETTLE)
    return cores(stage, max(60, seconds // 60 * 60))


def dead(stage, seconds):
    """Fifty devices, polled once a second, whose ports refuse."""
    stage.check_devices(LINKS)
    stage.start_broker(TICK, keeps_ages=False)
    stage.start_headgate(LINKS, 1)
    stage.sleep(SETTLE)
    return cores(stage, seconds)


def cores(stage, seconds):
    meter = Meter(stage.gateway)
    stage.sleep(seconds)
    wall, fine, coarse = meter.stop()
    return {"fine": fine / wall, "coarse": coarse / wall}


def part(ordered, share):
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


OTHERS = {"write": write, "latency": latency, "idle": idle, "dead": dead}


def first_table(words, results):
    def row(label, say):
        return f"| {label} | " + " | ".join(say(results[word]) for word in words) + " |"

    def median(key, form):
        return lambda runs: form.format(statistics.median(run[key] for run in runs))

    def spread(runs):
        return ", ".join(f"{run['fine']:.3f}" for run in runs)

    def periods(runs):
        return " / ".join(f"{statistics.median(run[key] for run in runs):.1f}" for key in ("mean", "median", "worst"))

    yield "| | " + " | ".join(COLUMNS[word][0] for word in words) + " |"
    yield "| --- |" + " --- |" * len(words)
    yield row("CPU s per 100,000 distinct samples (scheduler's clock)", median("fine", "{:.3f}"))
    yield row("the same, each run", spread)
    yield row("the same, user + system in steps of 10 ms", median("coarse", "{:.3f}"))
    yield row("distinct samples a second at the broker", median("rate", "{:.0f}"))
    yield row("of those read, %", median("share", "{:.1f}"))
    yield row("repeated, older or odd values", median("others", "{:.0f}"))
    yield row("requests per scan", median("requests", "{:.2f}"))
    yield row("period, ms (asked: 1000): mean / median / worst of the worst device", periods)
    yield row("devices scanned more than once", lambda runs: runs[-1]["held"])
    yield row("threads", median("threads", "{:.0f}"))
    yield row("peak memory, MiB", median("memory", "{:.1f}"))
    yield row("from start to the first sample of the last device, s", median("first", "{:.2f}"))


def second_table(results):
    def median(word, key):
        return statistics.median(run[key] for run in results[word])

    yield "| Headgate | median of the runs |"
    yield "| --- | --- |"
    for word, label in ("write", "command to write, beside W1"), ("latency", "change to publish, one device polled without pause"):
        if word in results:
            figures = " / ".join(f"{median(word, key):.2f}" for key in ("p50", "p99", "worst"))
            yield f"| {label}, ms: p50 / p99 / worst | {figures} |"
    if "write" in results:
        yield f"| commands that reached their device | {median('write', 'done'):.0f} of {median('write', 'sent'):.0f} |"
    if "latency" in results:
        yield f"| scans a second of that device | {median('latency', 'scans'):.0f} |"
    for word, label in ("idle", f"{LINKS} devices polled once a minute, cores"), ("dead", f"{LINKS} devices whose port refuses, cores"):
        if word in results:
            yield f"| {label} (user + system) | {median(word, 'fine'):.5f} ({median(word, 'coarse'):.5f}) |"


def machine():
    """One line: the processor, its cores, memory, system and the day."""
    lines = pathlib.Path("/proc/cpuinfo").read_text().split("\n")
    cpu = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    memory = int(pathlib.Path("/proc/meminfo").read_text().split()[1]) / 2**20
    release = pathlib.Path("/etc/os-release").read_text().split("\n")
    system = next((line.partition("=")[2].strip('"') for line in release if line.startswith("PRETTY_NAME")), platform.system())
    name = cpu[0] if cpu else platform.machine()
    return f"{name}, {len(cpu) or 'unknown'} cores, {memory:.0f} GiB, {system}, Linux {platform.release()}, {datetime.date.today()}"


def compile_tools(folder):
    flags = subprocess.run(["pkg-config", "--cflags", "--libs", "libmodbus", "libmosquitto"], capture_output=True, text=True)
    if flags.returncode != 0:
        raise Failure(f"pkg-config does not know libmodbus and libmosquitto: {flags.stderr.strip().splitlines()[-1]}")
    for name, libraries in ("devices", []), ("bare", flags.stdout.split()):
        command = ["gcc", "-O2", "-Wall", "-Wextra", "-o", str(folder / name), str(HERE / f"{name}.c"), *libraries]
        made = subprocess.run(command, capture_output=True, text=True)
        if made.returncode != 0:
            raise Failure(f"{name}.c cannot be compiled: {(made.stderr.strip().splitlines() or ['gcc says nothing'])[0]}")


def main(headgate, seconds, runs, shift, words):
    results = {word: [] for word in words}
    load = os.getloadavg()[0]
    if load > 0.5:
        print(f"note: this machine has other work (load {load:.1f}); the figures will show it", file=sys.stderr)
    with tempfile.TemporaryDirectory(prefix="headgate-benchmark.") as tools:
        compile_tools(pathlib.Path(tools))
        # Round after round rather than word after word: what changes on the machine meanwhile meets all of them.
        for number in range(1, runs + 1):
            for word in words:
                Stopping.check()
                print(f"{word}, run {number} of {runs}", file=sys.stderr, flush=True)
                with Stage(pathlib.Path(tools), headgate, shift) as stage:
                    do = OTHERS.get(word)
                    results[word].append(do(stage, seconds) if do else steady(stage, seconds, word))
    columns = [word for word in words if word in COLUMNS]
    print(f"{machine()}; {seconds} s each after a warm-up, medians of {runs} run{'s' if runs > 1 else ''}; everything on one machine.")
    for lines in [first_table(columns, results)] * bool(columns) + [second_table(results)] * (len(columns) < len(words)):
        print("\n" + "\n".join(lines))


if __name__ == "__main__":
    for each in signal.SIGINT, signal.SIGTERM, signal.SIGHUP:
        signal.signal(each, Stopping.hear)
    try:
        main(pathlib.Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]), sys.argv[5:])
    except (Failure, OSError) as failure:
        sys.exit(f"run: {failure}")
