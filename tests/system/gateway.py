# SPDX-License-Identifier: Apache-2.0
"""A proxy for HTTPS on loopback, and behind it hosts of AWS: whatever host is asked for, the emulator answers, by TLS
with a certificate for that host. So a program asks the real names, and nothing leaves this machine.

    with Gateway(service, "ds.eu-west-1.amazonaws.com") as gateway:     # service: harness.Emulator
        variables = {"HTTPS_PROXY": gateway.url, "AWS_CA_BUNDLE": gateway.ca.path}
        gateway.targets                 # ["ds.eu-west-1.amazonaws.com:443"]: what CONNECT asked for, each time
        gateway.heads                   # all that it was told, as text
        gateway.status = 403            # refuses from now on
        gateway.login = "me:secret"     # asks for it from now on
"""

import base64
import socket
import ssl
import threading

from harness import Authority


def message(file):
    """The bytes of one request or reply; b"" at the end."""
    found, length = b"", 0
    while not found.endswith(b"\r\n\r\n"):
        line = file.readline()
        if not line:
            return b""
        found += line
        if line.lower().startswith(b"content-length:"):
            length = int(line.split(b":")[1])
    return found + file.read(length)


class Gateway:
    """See the head of this file."""

    def __init__(self, service, *names, ca=None):
        self.service, self.status, self.login = service, 200, None
        self.targets, self.heads = [], []
        self.ca = ca or Authority("Gateway Root")
        leaf = Authority(names[0][:60], issuer=self.ca, extensions="basicConstraints=CA:FALSE\nsubjectAltName=" + ",".join(
            "DNS:" + name for name in names))
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.tls.load_cert_chain(leaf.path, leaf.key_path)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.where = "127.0.0.1:%d" % self.listener.getsockname()[1]
        self.url = "http://" + self.where
        threading.Thread(target=self.accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        # wakes accept(), which close() alone does not
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        try:
            with connection:
                self.connect(connection)
        except OSError:
            pass    # whoever asked has gone, or does not like the certificate

    def connect(self, connection):
        with connection.makefile("rb") as file:
            head = message(file).decode("latin-1")
        if not head:
            return
        self.heads.append(head)
        self.targets.append(head.split(" ")[1])
        status = self.status
        if self.login:
            wanted = "proxy-authorization: basic " + base64.b64encode(self.login.encode()).decode().lower()
            status = status if wanted in head.lower() else 407
        more = 'Proxy-Authenticate: Basic realm="gateway"\r\n' if status == 407 else ""
        connection.sendall(("HTTP/1.1 %d Words\r\n%s%s\r\n" % (
            status, more, "" if status == 200 else "Content-Length: 0\r\n")).encode())
        if status == 200:
            with self.tls.wrap_socket(connection, server_side=True) as inside:
                self.relay(inside)

    def relay(self, inside):
        with socket.create_connection(("127.0.0.1", self.service.port)) as plain, \
                inside.makefile("rb") as asked, plain.makefile("rb") as answered:
            while True:
                request = message(asked)
                if not request:
                    return
                plain.sendall(request)
                inside.sendall(message(answered))
