"""A WebSocket client (RFC 6455) that can also do what no library would: raw bytes, wrong frames, not reading."""
import base64
import hashlib
import json
import os
import socket
import struct
import time

TEXT, BINARY, CLOSE, PING, PONG, CONTINUATION = 1, 2, 8, 9, 10, 0
GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


def frame(opcode, payload=b"", fin=True, mask=True, rsv=0):
    """The bytes of one frame."""
    head = bytes([(0x80 if fin else 0) | rsv << 4 | opcode])
    flag, size = 0x80 if mask else 0, len(payload)
    if size < 126:
        head += bytes([flag | size])
    elif size < 65536:
        head += bytes([flag | 126]) + struct.pack(">H", size)
    else:
        head += bytes([flag | 127]) + struct.pack(">Q", size)
    if not mask:
        return head + payload
    key = os.urandom(4)
    return head + key + bytes(b ^ key[i % 4] for i, b in enumerate(payload))


class Closed(Exception):
    """The server closed: `code` of its close frame, or None when the connection just ended."""

    def __init__(self, code, reason=""):
        super().__init__(f"{code} {reason}")
        self.code, self.reason = code, reason


class Socket:
    def __init__(self, port, path="/api/ws", headers=(), receive_buffer=None, extra=b"", timeout=20):
        self.s = socket.socket()
        if receive_buffer:
            self.s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.s.settimeout(timeout)
        self.s.connect(("127.0.0.1", port))
        self.s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.got = b""
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", "Upgrade: websocket", "Connection: keep-alive, Upgrade",
                 f"Sec-WebSocket-Key: {key}", "Sec-WebSocket-Version: 13", *headers]
        self.s.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + extra)
        head = b""
        while b"\r\n\r\n" not in head:
            piece = self.s.recv(65536)
            if not piece:
                raise AssertionError(f"no answer to the handshake: {head!r}")
            head += piece
        head, _, self.got = head.partition(b"\r\n\r\n")
        self.head = head.decode("latin-1")
        if not self.head.startswith("HTTP/1.1 101 "):
            raise AssertionError(self.head)
        accept = base64.b64encode(hashlib.sha1((key + GUID).encode()).digest()).decode()
        if f"Sec-WebSocket-Accept: {accept}" not in self.head:
            raise AssertionError(f"wrong key in the answer: {self.head}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.s.close()

    def send(self, data):
        self.s.sendall(data)

    def _take(self, n):
        while len(self.got) < n:
            try:
                piece = self.s.recv(65536)
            except ConnectionResetError:
                piece = b""
            if not piece:
                raise Closed(None)
            self.got += piece
        taken, self.got = self.got[:n], self.got[n:]
        return taken

    def frame(self):
        """The next frame: opcode and payload. Servers do not mask and need not split."""
        first, second = self._take(2)
        if first & 0x70 or second & 0x80 or not first & 0x80:
            raise AssertionError(f"a wrong frame: {first:x} {second:x}")
        size = second & 0x7F
        if size == 126:
            size = struct.unpack(">H", self._take(2))[0]
        elif size == 127:
            size = struct.unpack(">Q", self._take(8))[0]
        return first & 0x0F, self._take(size)

    def message(self):
        """The next message, decoded; answers pings; raises Closed."""
        while True:
            opcode, payload = self.frame()
            if opcode == TEXT:
                return json.loads(payload)
            if opcode == PING:
                self.send(frame(PONG, payload))
            elif opcode == CLOSE:
                code = struct.unpack(">H", payload[:2])[0] if len(payload) >= 2 else 1005
                raise Closed(code, payload[2:].decode())

    def until(self, event, deadline_s=20):
        end = time.monotonic() + deadline_s
        while time.monotonic() < end:
            message = self.message()
            if message["event"] == event:
                return message
        raise AssertionError(f"no {event} within {deadline_s} s")
