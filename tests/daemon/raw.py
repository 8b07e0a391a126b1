"""Requests that no HTTP library would send: bytes on a socket, and what came back."""
import socket
import time


class Raw:
    """Status codes of the answers (in order), whether the server closed the connection, and the text."""

    def __init__(self, data, closed):
        self.text = data.decode("latin-1")
        self.closed = closed
        self.statuses = []
        rest = data
        while rest.startswith(b"HTTP/1.1 "):
            self.statuses.append(int(rest[9:12]))
            head, _, rest = rest.partition(b"\r\n\r\n")
            length = next((int(line.split(b":")[1]) for line in head.lower().split(b"\r\n")
                           if line.startswith(b"content-length:")), 0)
            if self.statuses[-1] in (204, 304) or self.statuses[-1] < 200:
                length = 0
            rest = rest[length:]

    @property
    def status(self):
        return self.statuses[0] if self.statuses else None

    def header(self, name):
        head = self.text.partition("\r\n\r\n")[0]
        for line in head.split("\r\n")[1:]:
            key, _, value = line.partition(":")
            if key.lower() == name.lower():
                return value.strip()
        return None


def connect(port, timeout=10):
    s = socket.create_connection(("127.0.0.1", port), timeout=timeout)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return s


def exchange(port, data, quiet_s=0.6, timeout=10):
    """Send bytes, then read until the server closes or nothing has come for `quiet_s` after an answer."""
    with connect(port, timeout) as s:
        try:
            s.sendall(data)
        except OSError:
            pass  # the server may answer and close before all was sent
        got, closed = b"", False
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            s.settimeout(quiet_s if got else max(end - time.monotonic(), 0.01))
            try:
                piece = s.recv(65536)
            except TimeoutError:
                break
            except OSError:
                closed = True
                break
            if not piece:
                closed = True
                break
            got += piece
        return Raw(got, closed)


def request(method="GET", path="/health", *headers, body=b"", version="HTTP/1.1", host="localhost"):
    lines = [f"{method} {path} {version}"]
    if host is not None:
        lines.append(f"Host: {host}")
    lines.extend(headers)
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body
