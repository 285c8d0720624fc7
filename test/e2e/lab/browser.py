"""Headless Chromium in a station, driven by its DevTools protocol through a pipe."""
import base64
import json
import os
import shutil
import tempfile
import threading
import time

from lab.process import Process, wait_until

PROGRAM = shutil.which("chromium") or "/usr/bin/chromium"
FLAGS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
         "--disable-extensions", "--disable-background-networking", "--disable-component-update", "--disable-sync",
         "--no-default-browser-check", "--no-proxy-server", "--hide-scrollbars", "--force-color-profile=srgb",
         "--remote-debugging-pipe", "about:blank")


class PageError(AssertionError):
    pass


class Browser:
    """One page. What its console says as an error, exceptions and violated policies are in `errors`."""

    def __init__(self, station, log):
        self.folder = tempfile.mkdtemp(prefix="stagebox-browser-")
        there, self.write = os.pipe()
        self.read, here = os.pipe()
        # The program reads commands from descriptor 3 and answers on 4.
        # (dash knows descriptors of one digit only.)
        shell = f"exec {PROGRAM} --user-data-dir={self.folder} {' '.join(FLAGS)} 3<&{there} 4>&{here}"
        os.set_inheritable(there, True)
        os.set_inheritable(here, True)
        self.process = Process(station, ["bash", "-c", shell], log, dict(os.environ, HOME=self.folder), inherit=(there, here))
        os.close(there)
        os.close(here)
        self.errors, self.answers, self.requests = [], {}, []
        self.number = 0
        self.came = threading.Condition()
        threading.Thread(target=self._listen, daemon=True).start()
        target = self.call("Target.createTarget", {"url": "about:blank"})["targetId"]
        self.session = self.call("Target.attachToTarget", {"targetId": target, "flatten": True})["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(domain + ".enable")
        self.call("Page.addScriptToEvaluateOnNewDocument", {"source": "window.confirm = () => true"})

    session = None

    def _listen(self):
        buffer = b""
        while data := os.read(self.read, 1 << 16):
            buffer += data
            while b"\0" in buffer:
                text, buffer = buffer.split(b"\0", 1)
                self._take(json.loads(text))

    def _take(self, message):
        with self.came:
            if "id" in message:
                self.answers[message["id"]] = message
                self.came.notify_all()
        method, more = message.get("method"), message.get("params", {})
        if method == "Runtime.exceptionThrown":
            details = more["exceptionDetails"]
            self.errors.append(details.get("exception", {}).get("description", details["text"]))
        elif method == "Log.entryAdded" and more["entry"]["level"] == "error":
            self.errors.append(f"{more['entry']['text']} {more['entry'].get('url', '')}")
        elif method == "Runtime.consoleAPICalled" and more["type"] == "error":
            self.errors.append(str(more["args"]))
        elif method == "Network.requestWillBeSent":
            self.requests.append(more["request"]["url"])

    def call(self, method, params=None, seconds=30):
        self.number += 1
        number = self.number
        message = {"id": number, "method": method, "params": params or {}}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.write, json.dumps(message).encode() + b"\0")
        with self.came:
            assert self.came.wait_for(lambda: number in self.answers, seconds), f"no answer to {method}"
            answer = self.answers.pop(number)
        if "error" in answer:
            raise PageError(f"{method}: {answer['error']}")
        return answer["result"]

    def run(self, script):
        """The value of a JavaScript expression; promises are waited for."""
        answer = self.call("Runtime.evaluate", {"expression": script, "returnByValue": True, "awaitPromise": True})
        if "exceptionDetails" in answer:
            raise PageError(answer["exceptionDetails"].get("exception", {}).get("description", str(answer)))
        return answer["result"].get("value")

    def open(self, url):
        self.call("Page.navigate", {"url": url})
        self.until("document.readyState === 'complete'")

    def until(self, script, seconds=15):
        return wait_until(f"the page: {script}", lambda: self.run(f"!!({script})"), seconds, alive=self.process.running)

    def size(self, width, height, phone=False):
        self.call("Emulation.setDeviceMetricsOverride", {"width": width, "height": height, "deviceScaleFactor": 1,
                                                         "mobile": phone})

    def scheme(self, name):
        self.call("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": name}]})

    def shot(self, path):
        time.sleep(0.3)
        data = self.call("Page.captureScreenshot", {"format": "png"})["data"]
        with open(path, "wb") as file:
            file.write(base64.b64decode(data))

    def click(self, words, inside="document"):
        """A button by its words, as soon as it is there."""
        found = f"[...{inside}.querySelectorAll('button')].find((b) => b.textContent.trim() === {json.dumps(words)} && b.offsetParent)"
        self.until(found)
        return self.run(f"{found}.click()")

    def key(self, key, text=None, modifiers=0):
        """One stroke, as from a keyboard. modifiers: 8 is Shift."""
        code = {"Tab": 9, "Enter": 13, "Escape": 27}.get(key, 0)
        more = {"key": key, "code": key, "windowsVirtualKeyCode": code, "modifiers": modifiers}
        text = "\r" if key == "Enter" else text
        self.call("Input.dispatchKeyEvent", dict(more, type="keyDown", **({"text": text} if text else {})))
        self.call("Input.dispatchKeyEvent", dict(more, type="keyUp"))

    def choose(self, selector, paths):
        """As somebody who picks files for an input."""
        root = self.call("DOM.getDocument")["root"]["nodeId"]
        node = self.call("DOM.querySelector", {"nodeId": root, "selector": selector})["nodeId"]
        self.call("DOM.setFileInputFiles", {"nodeId": node, "files": paths})

    def close(self):
        self.process.kill()
        os.close(self.write)
        shutil.rmtree(self.folder, ignore_errors=True)
