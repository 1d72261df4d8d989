"""A host application made of paho-mqtt and pysparkplug: writes down what it hears of one edge node, a line of JSON a message.

    python3 host.py PORT FILE

It says on STATE that it is online once the broker lets it listen, and asks for a rebirth after its twentieth message.
"""

import json
import sys
import time

import paho.mqtt.client as mqtt
import pysparkplug as spb

KINDS = {"NBIRTH": spb.NBirth, "DBIRTH": spb.DBirth, "DDATA": spb.DData, "DDEATH": spb.DDeath, "NDEATH": spb.NDeath}
births = {}
heard = 0


def now():
    return int(time.time() * 1000)


def on_connect(client, *_):
    client.subscribe("spBv1.0/county/#", qos=1)


def on_subscribe(client, *_):
    state = json.dumps({"online": True, "timestamp": now()})
    client.publish("spBv1.0/STATE/host", state, qos=1, retain=True)


def on_message(client, file, message):
    global heard
    words = message.topic.split("/")
    kind, device = words[2], "/".join(words[4:])
    if kind not in KINDS:
        return
    births_own = births.get(device)
    payload = KINDS[kind].decode(message.payload, birth=births_own)
    if kind.endswith("BIRTH"):
        births[device] = payload
    metrics = getattr(payload, "metrics", ())
    number = payload.bd_seq_metric.value if kind == "NDEATH" else None
    number = next((metric.value for metric in metrics if metric.name == "bdSeq"), number)
    samples = [] if kind != "DDATA" else [
        f"{device}/{metric.name} {metric.timestamp} {-1.0 if metric.is_null else float(metric.value)}" for metric in metrics
    ]
    line = {"kind": kind, "device": device, "seq": getattr(payload, "seq", None), "bdSeq": number, "samples": samples}
    file.write(json.dumps(line) + "\n")
    file.flush()
    heard += 1
    if heard == 20:
        wish = spb.Metric(timestamp=now(), name="Node Control/Rebirth", datatype=spb.DataType.BOOLEAN, value=True)
        raw = spb.NCmd(timestamp=now(), metrics=(wish,)).encode(include_dtypes=True)
        client.publish("spBv1.0/county/NCMD/gateway", raw, qos=0)


old = not hasattr(mqtt, "CallbackAPIVersion")
client = mqtt.Client(client_id="host") if old else mqtt.Client(mqtt.CallbackAPIVersion.VERSION1, client_id="host")
client.user_data_set(open(sys.argv[2], "w"))
client.on_connect, client.on_subscribe, client.on_message = on_connect, on_subscribe, on_message
client.connect("127.0.0.1", int(sys.argv[1]))
client.loop_forever()
