# SPDX-License-Identifier: Apache-2.0
"""Everyone who hands out keys, in one small server on loopback: STS, the SSO portal, the metadata
service of an instance, and the endpoint of a container. An account of its own that shares no code
with the program: what it gives, the emulator of the Directory Service takes.

    with Keygiver(service, lifetime=3600) as giver:         # service: harness.Emulator
        variables = giver.sts()                             # AWS_ENDPOINT_URL_STS
        giver.refuse["AssumeRole"] = (403, "AccessDenied", "not you")
        giver.seen                                          # [(call, {members and headers})]
        giver.secrets                                       # all that must never be seen

`lifetime` is in seconds; keys that have ended are refused by the emulator when `end_old` is called.
"""

import datetime
import http.server
import itertools
import json
import re
import threading
import time
import urllib.parse

_numbers = itertools.count(1)


class Keygiver:
    """See the head of this file."""

    def __init__(self, service=None, lifetime=3600, account="111122223333", shift=lambda: 0):
        self.service, self.lifetime, self.account, self.shift = service, lifetime, account, shift
        self.seen, self.secrets, self.refuse, self.identities = [], [], {}, {}
        self.given = []
        self.raw = {}           # call -> text of a whole reply
        giver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            """Straight to the giver."""
            protocol_version = "HTTP/1.1"

            def log_message(self, *unused):
                pass

            def answer(self):
                length = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(length).decode()
                status, kind, text = giver.answer(self.command, self.path, dict(self.headers), body)
                data = text.encode()
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = do_PUT = answer

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = "http://127.0.0.1:%d" % self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.server.shutdown()
        self.server.server_close()

    def sts(self):
        return {"AWS_ENDPOINT_URL_STS": self.url}

    def calls(self, name):
        return [members for call, members in self.seen if call == name]

    # What is given.

    def secret(self, word):
        found = "%sSECRET%d%s" % (word, next(_numbers), "x" * 20)
        self.secrets.append(found)
        return found

    def keys(self, account=None, arn=None, token=True):
        """New keys, which the service takes from now on."""
        key = "ASIAGIVEN%d" % next(_numbers)
        secret, session = self.secret("key"), self.secret("token") if token else None
        self.identities[key] = account or self.account, arn or "arn:aws:sts::%s:assumed-role/x/y" % (account or self.account)
        self.given.append(key)
        if self.service:
            self.service.control("credential", credential=":".join(filter(None, (key, secret, session))) + "@" + self.account)
        return key, secret, session

    def end_old(self):
        """The service refuses all keys that were given so far."""
        for key in self.given:
            self.service.control("credential", access_key=key, expired=True)
        self.given = []

    def expires(self):
        return time.time() + self.shift() + self.lifetime

    def expires_text(self):
        return datetime.datetime.fromtimestamp(int(self.expires()), datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")

    # Who asks.

    def answer(self, method, path, headers, body):
        route = self.route(method, path, body)
        members = {name.lower(): value for name, value in headers.items()}
        members.update(urllib.parse.parse_qsl(body))
        members.update(urllib.parse.parse_qsl(urllib.parse.urlsplit(path).query), path=path)
        self.seen.append((route, members))
        if route in self.raw:
            return 200, "text/plain", self.raw[route]
        if route in self.refuse:
            refusal = self.refuse[route]
            refusal = refusal.pop(0) if isinstance(refusal, list) and refusal else refusal
            if refusal:
                return self.refusal(method, *refusal)
        return getattr(self, "give_" + re.sub(r"(?<!^)(?=[A-Z])", "_", route).lower())(members)

    @staticmethod
    def refusal(method, status, code, message):
        if method == "POST":
            return status, "text/xml", ("<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type>"
                                        "<Code>%s</Code><Message>%s</Message></Error></ErrorResponse>" % (code, message))
        return status, "application/json", json.dumps({"code": code, "message": message})

    @staticmethod
    def route(method, path, body):
        path = urllib.parse.urlsplit(path).path
        if method == "POST":
            return dict(urllib.parse.parse_qsl(body)).get("Action", "Nothing")
        if path == "/latest/api/token":
            return "Session"
        if path == "/latest/meta-data/iam/security-credentials/":
            return "Role"
        if path.startswith("/latest/meta-data/iam/security-credentials/"):
            return "Instance"
        if path == "/federation/credentials":
            return "Portal"
        return "Container" if path.startswith("/container/") else "Nothing"

    def give_nothing(self, _):
        return 404, "text/plain", "no such thing"

    def assumed(self, action, arn):
        key, secret, token = self.keys(arn.split(":")[4], arn)
        return 200, "text/xml", (
            "<%sResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><%sResult><Credentials><AccessKeyId>%s</AccessKeyId>"
            "<SecretAccessKey>%s</SecretAccessKey><SessionToken>%s</SessionToken><Expiration>%s</Expiration></Credentials>"
            "</%sResult></%sResponse>" % (action, action, key, secret, token, self.expires_text(), action, action))

    def give_assume_role(self, members):
        return self.assumed("AssumeRole", members["RoleArn"])

    def give_assume_role_with_web_identity(self, members):
        return self.assumed("AssumeRoleWithWebIdentity", members["RoleArn"])

    def give_get_caller_identity(self, members):
        key = re.search(r"Credential=([^/]+)/", members["authorization"]).group(1)
        account, arn = self.identities.get(key, (self.account, "arn:aws:iam::%s:user/x" % self.account))
        return 200, "text/xml", (
            "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult><Arn>%s</Arn>"
            "<UserId>AIDAEXAMPLE</UserId><Account>%s</Account></GetCallerIdentityResult></GetCallerIdentityResponse>" % (arn, account))

    def give_session(self, members):
        if members.get("x-aws-ec2-metadata-token-ttl-seconds") != "21600":
            return 400, "text/plain", ""
        self.session = self.secret("session")
        return 200, "text/plain", self.session

    def give_role(self, members):
        if members.get("x-aws-ec2-metadata-token") != self.session:
            return 401, "text/plain", ""
        return 200, "text/plain", "ward-role"

    def give_instance(self, members):
        if members.get("x-aws-ec2-metadata-token") != self.session or not members["path"].endswith("/ward-role"):
            return 401, "text/plain", ""
        return self.give_container({"code": "Success"})

    def give_container(self, more):
        key, secret, token = self.keys()
        return 200, "application/json", json.dumps({
            "Code": more.get("code", "Success"), "AccessKeyId": key, "SecretAccessKey": secret, "Token": token,
            "Expiration": self.expires_text()})

    def give_portal(self, _):
        key, secret, token = self.keys()
        return 200, "application/json", json.dumps({"roleCredentials": {
            "accessKeyId": key, "secretAccessKey": secret, "sessionToken": token, "expiration": int(self.expires() * 1000)}})
