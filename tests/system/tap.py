# SPDX-License-Identifier: Apache-2.0
"""Between a program and a service on loopback: passes every byte on, and keeps it.

    with Tap(service.port) as tap:
        run(AWS_ENDPOINT_URL_STS=tap.url)
        tap.requests()          # [Request(method, path, headers in lower case, body)], in order of arrival
        tap.exchanges()         # [(request, status, body)]
        tap.replies()           # bytes of everything that came back
        tap.change = lambda reply: reply.replace(b"a", b"b")    # of the same length
"""

import collections
import socket
import threading

Request = collections.namedtuple("Request", "method path headers body")


class Tap:
    """See the head of this file."""

    def __init__(self, port, at=("127.0.0.1", 0)):
        self.target, self.change = port, None
        self.lock, self.streams = threading.Lock(), []      # [(asked, answered)] of each connection
        self.listener = socket.create_server(at, family=socket.AF_INET6 if ":" in at[0] else socket.AF_INET)
        self.port = self.listener.getsockname()[1]
        self.url = "http://127.0.0.1:%d" % self.port
        threading.Thread(target=self.serve, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.listener.close()

    def serve(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            stream = (bytearray(), bytearray())
            with self.lock:
                self.streams.append(stream)
            try:
                server = socket.create_connection(("127.0.0.1", self.target))
            except OSError:
                client.close()
                continue
            threading.Thread(target=self.carry, args=(client, server, stream[0], False), daemon=True).start()
            threading.Thread(target=self.carry, args=(server, client, stream[1], True), daemon=True).start()

    def carry(self, source, sink, kept, replies):
        try:
            while True:
                data = source.recv(65536)
                if not data:
                    break
                if replies and self.change:
                    data = self.change(data)
                with self.lock:
                    kept += data
                sink.sendall(data)
        except OSError:
            pass
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def connections(self):
        with self.lock:
            return len(self.streams)

    def requests(self):
        with self.lock:
            streams = [bytes(asked) for asked, _ in self.streams]
        return [request for stream in streams for request in parse(stream)]

    def exchanges(self):
        """[(request, status, body of the reply)] of those that were answered, by connection."""
        with self.lock:
            streams = [(bytes(asked), bytes(answered)) for asked, answered in self.streams]
        return [(request, *reply) for asked, answered in streams for request, reply in zip(parse(asked), parse_replies(answered))]

    def replies(self):
        with self.lock:
            return b"".join(bytes(answered) for _, answered in self.streams)


def parse(stream):
    """The whole requests of a connection."""
    while b"\r\n\r\n" in stream:
        head, _, rest = stream.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        method, path, _ = first.split(" ")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        length = int(headers.get("content-length", "0"))
        if len(rest) < length:
            return
        yield Request(method, path, headers, rest[:length].decode())
        stream = rest[length:]


def parse_replies(stream):
    """The whole replies of a connection: (status, body)."""
    while b"\r\n\r\n" in stream:
        head, _, rest = stream.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        length = int(headers.get("content-length", len(rest)))
        yield int(first.split(" ")[1]), rest[:length].decode("utf-8", "replace")
        stream = rest[length:]
