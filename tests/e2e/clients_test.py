"""Real clients publish and subscribe: Mosquitto's, Paho and mqtt.js, MQTT 3.1.1 and 5, plain and TLS, with key and SAS token."""

import base64
import hashlib
import hmac
import json
import pathlib
import shutil
import subprocess
import sys
import time
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from salus import Cases, Server, Skip, eventually, expect  # noqa: E402

DEVICE = "bedside-1"


def sas_token(key, resource, expiry):
    signed = urllib.parse.quote(resource, safe="")
    signature = hmac.new(base64.b64decode(key), f"{signed}\n{expiry}".encode(), hashlib.sha256).digest()
    return f"SharedAccessSignature sr={signed}&sig={urllib.parse.quote(base64.b64encode(signature), safe='')}&se={expiry}"


def mosquitto(server, program, version, tls, *arguments):
    host, port = server.address("mqtts" if tls else "mqtt")
    secure = ["--cafile", server.ready["ca"]] if tls else []
    return [program, "-V", version, "-h", "localhost" if tls else host, "-p", str(port), *secure, *arguments]


def mosquitto_round_trip(server, key, version, tls, number):
    """A user listens to all devices with a wildcard; a device publishes; both see the same bytes, and they are stored."""
    if not shutil.which("mosquitto_pub"):
        raise Skip("mosquitto-clients is not installed")
    payload = f'{{"t":{int(time.time() * 1000)},"seq":{number},"hr":{60 + number}}}'
    listener = subprocess.Popen(  # line by line, so that its SUBACK is seen when it comes
        ["stdbuf", "-oL"] + mosquitto(server, "mosquitto_sub", version, tls, "-i", f"listener-{number}", "-u", "admin", "-P", server.ready["admin_token"],
                  "-q", "1", "-t", "devices/+/telemetry", "-C", "1", "-W", "20", "-d"),
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    heard = ""
    while "SUBACK" not in heard:
        line = listener.stdout.readline()
        expect(line, f"mosquitto_sub is not subscribed: {heard}")
        heard += line
    sent = subprocess.run(
        mosquitto(server, "mosquitto_pub", version, tls, "-i", DEVICE, "-u", DEVICE, "-P", key, "-q", "1", "-t", f"devices/{DEVICE}/telemetry", "-m", payload),
        capture_output=True, text=True, timeout=30)
    expect(sent.returncode == 0, f"mosquitto_pub: {sent.stdout}{sent.stderr}")
    heard = listener.communicate(timeout=30)[0]
    expect(payload in heard, f"mosquitto_sub heard {heard}")
    expect(eventually(lambda: [v for _, v in server.series(DEVICE, "hr") if v == 60 + number]), "the published value is not stored")


def paho_round_trip(server, secret, number):
    try:
        import paho.mqtt.client as paho
    except ImportError:
        raise Skip("python3-paho-mqtt is not installed") from None
    state = {"acknowledged": 0, "heard": [], "granted": None, "connected": None}
    client = paho.Client(client_id=DEVICE, protocol=paho.MQTTv311)
    client.username_pw_set(DEVICE, secret)
    client.tls_set(ca_certs=server.ready["ca"])
    client.on_connect = lambda _c, _u, _f, code: state.update(connected=code)
    client.on_subscribe = lambda _c, _u, _m, granted: state.update(granted=granted[0])
    client.on_publish = lambda _c, _u, _m: state.update(acknowledged=state["acknowledged"] + 1)
    client.on_message = lambda _c, _u, message: state["heard"].append(message.payload)
    client.connect("localhost", server.address("mqtts")[1])
    client.loop_start()
    try:
        expect(eventually(lambda: state["connected"] is not None) and state["connected"] == 0, f"Paho is refused: {state}")
        client.subscribe(f"devices/{DEVICE}/#", qos=1)
        expect(eventually(lambda: state["granted"] is not None) and state["granted"] == 1, f"its subscription is refused: {state}")
        start = int(time.time() * 1000)
        for i in range(100):
            client.publish(f"devices/{DEVICE}/telemetry", f'{{"t":{start + i},"seq":{number + i},"spo2":97.5}}', qos=1)
        expect(eventually(lambda: state["acknowledged"] == 100 and len(state["heard"]) == 100), f"{state['acknowledged']} acknowledged, {len(state['heard'])} heard")
    finally:
        client.loop_stop()
        client.disconnect()
    stored = [t for t, v in server.series(DEVICE, "spo2") if start <= t < start + 100 and v == 97.5]
    expect(stored == list(range(start, start + 100)), f"{len(stored)} of 100 are stored")


def mqttjs_round_trip(server, key, version, tls):
    if not (ROOT / "console/node_modules/mqtt").is_dir():
        raise Skip("mqtt.js is not installed; ./test installs it with the console's packages")
    host, port = server.address("mqtts" if tls else "mqtt")
    url = f"mqtts://localhost:{port}" if tls else f"mqtt://{host}:{port}"
    first, count = int(time.time() * 1000), 100
    done = subprocess.run(["node", ROOT / "tests/e2e/mqttjs_round_trip.mjs", url, version, server.ready["ca"] if tls else "", DEVICE, key, str(first), str(count)],
                          capture_output=True, text=True, timeout=60)
    expect(done.returncode == 0, f"mqtt.js: {done.stderr[-500:]}")
    seen = json.loads(done.stdout)
    expect(seen == {"granted": 1, "acknowledged": count, "heard": count}, f"mqtt.js saw {seen}")
    stored = [t for t, v in server.series(DEVICE, "rr") if first <= t < first + count and v == 18]
    expect(stored == list(range(first, first + count)), f"{len(stored)} of {count} are stored")


def strangers_are_refused(server, key):
    for user, secret in ((DEVICE, "d3Jvbmc="), ("nobody", key), ("admin", "slt_wrong")):
        done = subprocess.run(mosquitto(server, "mosquitto_pub", "5", False, "-i", user, "-u", user, "-P", secret, "-q", "1", "-t", f"devices/{DEVICE}/telemetry", "-m", "{}"),
                              capture_output=True, text=True, timeout=30)
        expect(done.returncode != 0, f"'{user}' publishes with a wrong secret")
    done = subprocess.run(mosquitto(server, "mosquitto_pub", "5", False, "-i", DEVICE, "-u", DEVICE, "-P", key, "-q", "1", "-t", "devices/other/telemetry", "-m", '{"hr":1}'),
                          capture_output=True, text=True, timeout=30)
    expect("authorized" in (done.stdout + done.stderr).lower() or done.returncode != 0, f"a device publishes as another: {done.stdout}{done.stderr}")
    expect(server.series("other", "hr") == [], "what it published as another is stored")


def main():
    cases = Cases()
    with Server() as server:
        key = server.create_device(DEVICE)
        number = 0
        for tls in (False, True):
            for version in ("311", "5"):
                number += 1
                name = f"mosquitto_pub and mosquitto_sub, version {version}, {'TLS' if tls else 'plain'}"
                cases.run(name, mosquitto_round_trip, server, key, version, tls, number)
        cases.run("Paho over TLS with a key", paho_round_trip, server, key, 1_000)
        token = sas_token(key, f"salus.example/devices/{DEVICE}", int(time.time()) + 600)
        cases.run("Paho over TLS with a SAS token", paho_round_trip, server, token, 2_000)
        for version in ("4", "5"):
            for tls in (False, True):
                cases.run(f"mqtt.js, version {'3.1.1' if version == '4' else '5'}, {'TLS' if tls else 'plain'}", mqttjs_round_trip, server, key, version, tls)
        cases.run("strangers and other devices' topics are refused", strangers_are_refused, server, key)
    cases.end()


if __name__ == "__main__":
    main()
