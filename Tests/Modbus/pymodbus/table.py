"""Prints how pymodbus lays values out in registers: the table that Headgate's codecs are checked against.

    python3 table.py > table.txt

A row is type, order, value and registers, with tabs between; `refused` where pymodbus cannot encode the value. pymodbus knows
two orders of words, big (ABCD) and little (CDAB). It swaps no bytes, so BADC and DCBA are its registers with their bytes
swapped here. Every row was also read back by pymodbus, from the registers before that swap.
"""

import json
import math
import struct
import sys

import pymodbus
from pymodbus.client.mixin import ModbusClientMixin as Mixin

Kind = Mixin.DATATYPE
NAN, INFINITY = math.nan, math.inf
ORDERS = {"ABCD": ("big", False), "BADC": ("big", True), "CDAB": ("little", False), "DCBA": ("little", True)}

WHOLE = {
    "int16": (Kind.INT16, 16, True), "uint16": (Kind.UINT16, 16, False),
    "int32": (Kind.INT32, 32, True), "uint32": (Kind.UINT32, 32, False),
    "int64": (Kind.INT64, 64, True), "uint64": (Kind.UINT64, 64, False),
}
REAL = {
    "float32": (Kind.FLOAT32, 3.4028234663852886e38, 1.1754943508222875e-38, 1.401298464324817e-45),
    "float64": (Kind.FLOAT64, 1.7976931348623157e308, 2.2250738585072014e-308, 5e-324),
}
TEXTS = ["Headgate", "A", "abc", "AB CD", "~", "Lutan \u767e\u5408", "\u00b5S/cm"]


def whole_values(bits, signed):
    least, most = (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)
    pattern = int.from_bytes(bytes(range(1, bits // 8 + 1)), "big")
    values = [0, 1, -1, least, least + 1, most - 1, most, pattern, least - 1, most + 1]
    return list(dict.fromkeys(values)) + [NAN, INFINITY, -INFINITY]


def real_values(most, smallest, tiniest):
    values = [0.0, -0.0, 1.0, -1.0, 0.1, 123.456, -most, most, smallest, -smallest, tiniest, -tiniest]
    beyond = [most * 1.01] if most < 1e300 else []
    return values + [NAN, INFINITY, -INFINITY] + beyond


def same(a, b):
    if isinstance(a, str):
        return a == b
    return (math.isnan(a) and math.isnan(b)) or (a == b and math.copysign(1, a) == math.copysign(1, b))


def narrow(kind, value):
    """The value as the type holds it."""
    return struct.unpack(">f", struct.pack(">f", value))[0] if kind == Kind.FLOAT32 else value


def row(name, kind, order, value):
    words, swaps = ORDERS[order]
    shown = json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)
    try:
        registers = Mixin.convert_to_registers(value, kind, word_order=words)
    except (struct.error, OverflowError):
        print(name, order, shown, "refused", sep="\t")
        return
    back = Mixin.convert_from_registers(registers, kind, word_order=words)
    assert same(back, narrow(kind, value)), (name, order, value, back)
    if swaps:
        registers = [(register & 0xFF) << 8 | register >> 8 for register in registers]
    print(name, order, shown, " ".join(f"{register:04X}" for register in registers), sep="\t")


sys.stdout.reconfigure(encoding="utf-8", newline="\n")
print(f"# pymodbus {pymodbus.__version__}")
for name, (kind, bits, signed) in WHOLE.items():
    for order in ORDERS:
        for value in whole_values(bits, signed):
            row(name, kind, order, value)
for name, (kind, *edges) in REAL.items():
    for order in ORDERS:
        for value in real_values(*edges):
            row(name, kind, order, value)
for order in ("ABCD", "BADC"):
    for text in TEXTS:
        row("string", Kind.STRING, order, text)
