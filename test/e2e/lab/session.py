"""An operator who is logged in: what a dashboard does, as single requests."""
import json


class Session:
    def __init__(self, box, password, station=None):
        self.box = box
        self.station = station or box.operator
        self.cookie = None
        self.login = self.send("POST", "/api/v1/session", {"password": password})
        if self.login.status == 204:
            self.cookie = self.login.headers["set-cookie"].split(";")[0]

    def send(self, method, target, body=b"", **headers):
        """`body`: bytes, or what becomes JSON."""
        fields = {"X-Stagebox": "1"}
        if self.cookie:
            fields["Cookie"] = self.cookie
        fields.update({name.replace("_", "-"): value for name, value in headers.items()})
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.box.http(target, station=self.station, method=method, headers=fields, body=data)

    def get(self, target):
        return self.send("GET", target)

    def put(self, target, body):
        return self.send("PUT", target, body)

    def post(self, target, body=b""):
        return self.send("POST", target, body)
