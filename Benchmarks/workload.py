#!/usr/bin/env python3
"""Writes the configuration of a neutral workload: devices of one hundred scattered holding registers behind Modbus TCP.

  workload.py FOLDER [--ports 50] [--units 1] [--in-flight 4] [--every 1s] [--timeout 1s] [--broker 18830] [--first-port 15020]
              [--writable] [--commands]

Device n answers on 127.0.0.1, port 15020 + n / units, unit n mod units + 1; its registers are 0-39, 50-69, 80-89, 200-219
and 300, 310 ... 390. The profile names a hundred points and nothing else: how they are read is the gateway's business.
Run it with: headgate run --config FOLDER/site.yaml
"""
import argparse
import pathlib

arguments = argparse.ArgumentParser()
arguments.add_argument("folder", type=pathlib.Path)
arguments.add_argument("--ports", type=int, default=50)
arguments.add_argument("--units", type=int, default=1)
arguments.add_argument("--in-flight", type=int, default=4)
arguments.add_argument("--every", default="1s")
arguments.add_argument("--timeout", default="1s")
arguments.add_argument("--broker", type=int, default=18830)
arguments.add_argument("--first-port", type=int, default=15020)
arguments.add_argument("--commands", action="store_true", help="commands are heard from the broker")
arguments.add_argument("--writable", action="store_true", help="registers from 300 on may be commanded")
arguments.add_argument("--console", type=int, default=18890)
given = arguments.parse_args()

addresses = [*range(40), *range(50, 70), *range(80, 90), *range(200, 220), *range(300, 400, 10)]
(given.folder / "Devices" / "neutral").mkdir(parents=True, exist_ok=True)
profile = ["profile: 1", "model: Neutral workload", f"in-flight: {given.in_flight}", f"every: {given.every}", "points:"]
profile += [f"  r{a}: {{ holding: {a}, type: uint16{', writable: true' if given.writable and a >= 300 else ''} }}" for a in addresses]
(given.folder / "Devices" / "neutral" / "hundred.yaml").write_text("\n".join(profile) + "\n")

site = [
    "headgate: 1", "county: { title: Neutral workload }", "profiles: Devices", "data: { folder: data }",
    f'console: {{ listen: "127.0.0.1:{given.console}" }}', "links:",
]
site += [f'  p{p}: {{ to: "tcp://127.0.0.1:{given.first_port + p}", timeout: {given.timeout} }}' for p in range(given.ports)]
site += [
    "forward:",
    f'  broker: {{ mqtt: "mqtt://127.0.0.1:{given.broker}", prefix: w{", commands: true" if given.commands else ""} }}',
    "sites:", "  w:", "    trade: water", "    devices:",
]
site += [
    f"      d{p * given.units + u}: {{ profile: neutral/hundred, link: p{p}, unit: {u + 1} }}"
    for p in range(given.ports) for u in range(given.units)
]
(given.folder / "site.yaml").write_text("\n".join(site) + "\n")
