"""Prints what pysparkplug makes of Headgate's messages, and messages of its own: what Headgate's codec is checked against.

    python3 table.py > table.txt

Rows have tabs between. `read`, a name, JSON: a row of ours.txt as pysparkplug decodes it, and for the properties, which it leaves
out, as its protobuf classes do. `write`, a name, hex, JSON: a message as pysparkplug encodes it, and what went in.
"""

import json
import pathlib
import sys

import pysparkplug as spb
from pysparkplug import _protobuf as protobuf

DataType = spb.DataType
TIME = 1782000000000


def shown(value):
    if value is None or isinstance(value, str):
        return value
    return ("true" if value else "false") if isinstance(value, bool) else repr(value)


def row(metric):
    return {
        "name": metric.name, "alias": metric.alias, "timestamp": metric.timestamp, "datatype": int(metric.datatype),
        "value": shown(metric.value), "historical": metric.is_historical, "isNull": metric.is_null,
    }


def properties(raw):
    pairs = zip(raw.properties.keys, raw.properties.values, strict=True)
    return {key: [value.type, value.WhichOneof("value"), shown(getattr(value, value.WhichOneof("value")))] for key, value in pairs}


def decoded(kind, raw, birth):
    plain_payload = protobuf.Payload.FromString(raw)
    raw_metrics = plain_payload.metrics
    if kind == "NDEATH":
        payload = spb.NDeath.decode(raw)
        metrics = (payload.bd_seq_metric,)
        assert len(raw_metrics) == 1
    elif kind == "DDEATH":
        payload = spb.DDeath.decode(raw)
        metrics = ()
    else:
        kinds = {"NBIRTH": spb.NBirth, "DBIRTH": spb.DBirth, "NDATA": spb.NData, "DDATA": spb.DData}
        payload = kinds[kind].decode(raw, birth=birth)
        metrics = payload.metrics
    assert len(metrics) == len(raw_metrics)
    rows = [row(metric) | {"properties": properties(plain)} for metric, plain in zip(metrics, raw_metrics)]
    return payload, {"timestamp": plain_payload.timestamp, "seq": getattr(payload, "seq", None), "metrics": rows}


def read():
    births = {}
    for line in (pathlib.Path(__file__).parent / "ours.txt").read_text().splitlines():
        name, text = line.split("\t")
        kind, device = name.split(" ")[0], name.split(" ")[1]
        payload, found = decoded(kind, bytes.fromhex(text), births.get(device))
        if kind.endswith("BIRTH"):
            births[device] = payload
        print("read", name, json.dumps(found, ensure_ascii=False, sort_keys=True), sep="\t")


def metric(name, datatype, value, **more):
    return spb.Metric(timestamp=TIME, name=name, datatype=datatype, value=value, **more)


VALUES = [
    (DataType.INT8, -128), (DataType.INT8, 127), (DataType.INT16, -30000), (DataType.INT32, -2), (DataType.INT64, -(1 << 63)),
    (DataType.INT64, (1 << 63) - 1), (DataType.UINT8, 255), (DataType.UINT16, 65535), (DataType.UINT32, (1 << 32) - 1),
    (DataType.UINT64, (1 << 64) - 1), (DataType.FLOAT, 1.5), (DataType.DOUBLE, 0.1), (DataType.DOUBLE, -1e300),
    (DataType.BOOLEAN, True), (DataType.BOOLEAN, False), (DataType.STRING, "\u9c81\u575b"), (DataType.TEXT, ""),
    (DataType.UUID, "0190a8c2-0000-7000-8000-000000000000"),
]


def write():
    for includes in (True, False):
        metrics = [metric(f"{kind.name}/{index}", kind, value) for index, (kind, value) in enumerate(VALUES)]
        metrics.append(metric("nothing", DataType.DOUBLE, None))
        metrics.append(spb.Metric(timestamp=None, name=None, alias=1 << 40, datatype=DataType.BOOLEAN, value=True))
        raw = spb.DCmd(timestamp=TIME, metrics=tuple(metrics)).encode(include_dtypes=includes)
        rows = json.dumps([row(each) for each in metrics], ensure_ascii=False, sort_keys=True)
        print("write", "DCMD with types" if includes else "DCMD", raw.hex(), rows, sep="\t")
    rebirth = metric("Node Control/Rebirth", DataType.BOOLEAN, True)
    raw = spb.NCmd(timestamp=TIME, metrics=(rebirth,)).encode(include_dtypes=True)
    print("write", "NCMD", raw.hex(), json.dumps([row(rebirth)], sort_keys=True), sep="\t")
    for online in (True, False):
        state = spb.State(timestamp=TIME, online=online)
        print("write", "STATE", state.encode().hex(), json.dumps([online]), sep="\t")


sys.stdout.reconfigure(encoding="utf-8", newline="\n")
print(f"# pysparkplug {spb.__version__}")
read()
write()
