"""pymodbus, live, at one end of a connection: every number and text of table.txt is read and written in both directions.

    python3 live.py serve FRAMING          serves; prints its port; a line on its input, and it judges what was written
    python3 live.py ask FRAMING PORT       asks a server at 127.0.0.1; judges what it holds, and writes

FRAMING is socket or rtu. Row n of what pymodbus can encode is at holding registers 8n and on as whoever serves holds it from
the start, and from 8n + HALF on as whoever asks writes it. Says each row that is wrong, and then how many are right.
"""

import asyncio
import json
import math
import pathlib
import sys

from pymodbus import FramerType
from pymodbus.client import AsyncModbusTcpClient
from pymodbus.client.mixin import ModbusClientMixin as Mixin
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

HALF = 4096
ORDERS = {"ABCD": ("big", False), "BADC": ("big", True), "CDAB": ("little", False), "DCBA": ("little", True)}


class Row:
    def __init__(self, name, order, shown):
        self.words, self.swaps = ORDERS[order]
        self.label = f"{name} {order} {shown}"
        self.kind = Mixin.DATATYPE[name.upper()]
        self.value = json.loads(shown) if name == "string" else float(shown) if name.startswith("float") else int(shown)
        self.count = len(self.encode())

    def swapped(self, registers):
        return [(register & 0xFF) << 8 | register >> 8 for register in registers] if self.swaps else registers

    def encode(self):
        return self.swapped(Mixin.convert_to_registers(self.value, self.kind, word_order=self.words))

    def is_right(self, registers):
        read = Mixin.convert_from_registers(self.swapped(registers), self.kind, word_order=self.words)
        if isinstance(self.value, float):
            kept = Mixin.convert_from_registers(self.swapped(self.encode()), self.kind, word_order=self.words)
            return math.isnan(read) and math.isnan(kept) or read == kept and math.copysign(1, read) == math.copysign(1, kept)
        return read == self.value


TABLE = pathlib.Path(__file__).with_name("table.txt").read_text(encoding="utf-8").splitlines()
ROWS = [Row(*line.split("\t")[:3]) for line in TABLE if not line.startswith("#") and not line.endswith("\trefused")]
assert len(ROWS) * 8 <= HALF


async def judge(client, base):
    right = 0
    for index, row in enumerate(ROWS):
        answer = await client.read_holding_registers(base + 8 * index, count=row.count, device_id=1)
        if answer.isError() or not row.is_right(answer.registers):
            print(f"{row.label}: {answer}", flush=True)
        else:
            right += 1
    print(f"{right} right", flush=True)


async def connected(framing, port):
    client = AsyncModbusTcpClient("127.0.0.1", port=port, framer=framing)
    assert await client.connect()
    return client


async def serve(framing):
    held = [0] * (2 * HALF)
    for index, row in enumerate(ROWS):
        held[8 * index : 8 * index + row.count] = row.encode()
    bits = [SimData(0, values=[False] * 16, datatype=DataType.BITS)]
    words = [SimData(0, values=held, datatype=DataType.REGISTERS)]
    device = SimDevice(1, simdata=(bits, bits, words, [SimData(0, values=[0], datatype=DataType.REGISTERS)]))
    server = ModbusTcpServer(device, framer=framing, address=("127.0.0.1", 0))
    await server.serve_forever(background=True)
    port = server.transport.sockets[0].getsockname()[1]
    print(port, flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
    await judge(await connected(framing, port), HALF)


async def ask(framing, port):
    client = await connected(framing, port)
    await judge(client, 0)
    for index, row in enumerate(ROWS):
        registers = row.encode()
        if len(registers) == 1:
            answer = await client.write_register(HALF + 8 * index, registers[0], device_id=1)
        else:
            answer = await client.write_registers(HALF + 8 * index, registers, device_id=1)
        assert not answer.isError(), (row.label, answer)


framing = FramerType(sys.argv[2])
asyncio.run(serve(framing) if sys.argv[1] == "serve" else ask(framing, int(sys.argv[3])))
