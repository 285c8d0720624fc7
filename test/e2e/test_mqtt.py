"""[mqtt]: what a broker, mosquitto, is told of the batch."""
import contextlib
import json
import os
import signal
import socket
import threading

from lab import images, schemas
from lab.case import same, test
from lab.process import Process, run, wait_until
from lab.profile import agent

BROKER = "192.168.10.3"
PHONE = "58bfea1104e6"
OTHER = "649ef3110401"
BASE = "stagebox/stagebox"


class Broker:
    """mosquitto in a station of its own."""

    def __init__(self, trial, *lines):
        self.trial = trial
        self.station = trial.station("broker", address=f"{BROKER}/24")
        self.settings = trial.path("mosquitto.conf")
        with open(self.settings, "w", encoding="ascii") as file:
            file.write("\n".join(["user root", "listener 1883 0.0.0.0", *(lines or ["allow_anonymous true"]), ""]))
        self.log = trial.log_path("mosquitto")
        self.process = None
        self.words = []
        trial.keep(self)
        self.start()

    def start(self):
        self.process = Process(self.station, ["mosquitto", "-c", self.settings], self.log)
        wait_until("the broker", lambda: "running" in self.process.log(), 10, alive=self.process.running)

    def close(self):
        self.process.kill()

    def restart(self):
        self.process.kill()
        os.truncate(self.log, 0)
        self.start()

    def publish(self, topic, text):
        same(run(self.station, ["mosquitto_pub", *self.words, "-r", "-t", topic, "-m", text], 20).returncode, 0, "mosquitto_pub")

    def told(self):
        """What it keeps: topic → text. A second's silence is the end."""
        done = run(self.station, ["mosquitto_sub", *self.words, "-t", f"{BASE}/#", "-F", "%t %p", "-W", "1"], 20)
        return dict(line.split(" ", 1) for line in done.stdout.decode().splitlines() if " " in line)

    def wait_told(self, what, topic, condition, seconds=20):
        """The topic's text once it fulfils the condition; None: there is none."""
        wait_until(what, lambda: condition(self.told().get(f"{BASE}/{topic}")), seconds, every=0.2)
        return self.told().get(f"{BASE}/{topic}")


def begin(trial, broker, **more):
    card = trial.card()
    images.put_ladder(card)
    card.settings({"mqtt": dict({"broker": BROKER}, **more), "web": {"password": "secret-of-the-operator"}})
    box = trial.start(card=card)
    box.http("/x", headers={"User-Agent": agent("SPA504G", "7.3.7", PHONE)})
    broker.wait_told("`online`", "status", lambda text: text == "online")
    return box


def without_time(phone):
    return {key: value for key, value in phone.items() if not key.startswith("last_seen")}


@test(seconds=180)
def mqtt_tells_the_batch(trial):
    broker = Broker(trial)
    broker.publish(f"{BASE}/phones/{OTHER}", '{"left":"by an earlier batch"}')
    box = begin(trial, broker)
    told = json.loads(broker.wait_told("the phone", f"phones/{PHONE}", lambda text: text and "7.3.7" in text))
    schemas.validate(told, "phone")
    same(without_time(told), without_time(box.phone(PHONE)), "the phone")
    schemas.validate(json.loads(broker.wait_told("the summary", "summary", lambda text: text)), "summary")
    same(broker.told().get(f"{BASE}/phones/{OTHER}"), None, "a phone of an earlier batch")
    assert "secret-of-the-operator" not in str(broker.told())

    box.http("/x", headers={"User-Agent": agent("SPA504G", "7.5.2b", PHONE)})
    broker.wait_told("the phone's new version", f"phones/{PHONE}", lambda text: text and json.loads(text)["version"] == "7.5.2b")
    broker.restart()  # it kept nothing
    broker.wait_told("all of it again", f"phones/{PHONE}", lambda text: text and json.loads(text)["version"] == "7.5.2b", 30)
    same(broker.told()[f"{BASE}/status"], "online", "status")
    box.stop()
    broker.wait_told("a stop in order", "status", lambda text: text == "offline", 5)


@test(seconds=180)
def mqtt_last_will(trial):
    broker = Broker(trial)
    box = begin(trial, broker)
    box.process.signal(signal.SIGKILL)
    assert box.killed(10), "it lives"
    broker.wait_told("the will", "status", lambda text: text == "offline", 60)
    assert f"{BASE}/phones/{PHONE}" in broker.told(), "what it had told stays"


@test(seconds=120)
def mqtt_wants_a_password(trial):
    secrets = trial.path("passwords")
    run(trial.operator, ["mosquitto_passwd", "-b", "-c", secrets, "bench", "correct horse"], 20)
    broker = Broker(trial, "allow_anonymous false", f"password_file {secrets}")
    broker.words = ["-u", "bench", "-P", "correct horse"]
    card = trial.card()
    card.settings({"mqtt": {"broker": BROKER, "user": "bench", "password": "wrong-one"}})
    box = trial.start(card=card)
    box.wait_said("MQTT broker 192.168.10.3 port 1883 refuses the box: (user or password are wrong|this user may not connect)")
    wait_until("a warning", lambda: any("MQTT" in w for w in box.api("summary")["warnings"]), 5)
    assert "wrong-one" not in box.log()
    card.settings({"mqtt": {"broker": BROKER, "user": "bench", "password": "correct horse"}})
    box.reload()
    broker.wait_told("`online`", "status", lambda text: text == "online")
    wait_until("no warning", lambda: not any("MQTT" in w for w in box.api("summary")["warnings"]), 5)


@test(seconds=120)
def mqtt_phone_without_a_mac(trial):
    """Its serial stands in the topic, and what a phone may call itself cannot break one."""
    broker = Broker(trial)
    box = begin(trial, broker)
    for serial in ("CB/T#1+9", "CBT141900G7"):
        box.http("/x", headers={"User-Agent": f"Cisco/SPA525G-7.4.4 ({serial})"},
                 station=trial.station(serial[-3:], address=f"192.168.10.{20 + len(serial)}/24"))
    told = json.loads(broker.wait_told("the phone by its serial", "phones/CBT141900G7", lambda text: text))
    same((told["mac"], told["id"], told["model"]), (None, "CBT141900G7", "SPA525G"), "the phone")
    same(broker.told()[f"{BASE}/status"], "online", "status")
    assert not box.said("hung up"), "the broker was offended"


class Strange:
    """Takes connections on the broker's port and answers whatever comes."""

    def __init__(self, station, answer):
        self.answer = answer
        with station:
            self.socket = socket.create_server((BROKER, 1883))
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.socket.accept()
                with connection, contextlib.suppress(OSError):
                    connection.recv(1000)
                    connection.sendall(self.answer)
                    connection.shutdown(socket.SHUT_WR)
                    connection.settimeout(5)
                    while connection.recv(1000):
                        pass

    def close(self):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()


@test(seconds=120)
def mqtt_strange_brokers(trial):
    """Each is told of in a warning, and the box goes on."""
    station = trial.station("broker", address=f"{BROKER}/24")
    box = trial.start({"mqtt": {"broker": BROKER}})
    for n, (answer, why) in enumerate(((b"\x20\2\0\5", "refuses the box"), (b"\xd0\0", "does not speak MQTT."), (b"\x20\2\0\0\x20\2\0\0", "does not speak MQTT."),
                                       (b"\x20\2\0\0\x30\xff\xff\xff\xff", "does not speak MQTT."), (b"", "has hung up without a word of MQTT."),
                                       (b"HTTP/1.0 400 Bad Request\r\n\r\n", "does not speak MQTT."),
                                       (b"\x20\2\0\0\xd0\0\x31\x0f\0\x20x", "has hung up."))):
        strange = Strange(station, answer)
        box.card.settings({"mqtt": {"broker": BROKER, "topic": f"bench-{n}"}})
        box.reload()  # tries at once
        wait_until(f"{answer}: {why}", lambda: any("MQTT broker" in w and why in w for w in box.api("summary")["warnings"]), 20)
        same(box.http("/healthz").body, b"ok", "healthz")
        strange.close()
