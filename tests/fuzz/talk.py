"""Bytes to a socket, and the answers that come back."""

import socket
import time

# An answer that was begun is there soon; whoever sent only half a request waits longer.
QUIET = 0.6


class Talk:
    """What came back for some bytes."""

    def __init__(self, port, data, wait=QUIET, most=10.0):
        self.received, self.closed = b"", False
        began = time.monotonic()
        with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
            connection.settimeout(wait)
            try:
                for piece in data if isinstance(data, list) else [data]:
                    if isinstance(piece, float):
                        time.sleep(piece)
                    else:
                        connection.sendall(piece)
            except OSError:
                pass  # The program stopped reading: what it said is read below.
            first = True
            while time.monotonic() - began < most:
                # The first byte may take its time: passwords are hashed, databases are asked.
                connection.settimeout(max(wait, 3.0) if first and self._whole(data) else wait)
                try:
                    piece = connection.recv(65536)
                except TimeoutError:
                    break
                except OSError:
                    self.closed = True
                    break
                if not piece:
                    self.closed = True
                    break
                first = False
                self.received += piece
                if len(self.received) > 4 << 20:
                    break
        self.seconds = time.monotonic() - began
        self.answers = list(answers(self.received))

    @staticmethod
    def _whole(data):
        return not isinstance(data, list)

    @property
    def statuses(self):
        return [status for status, _, _ in self.answers]


def answers(received):
    """Status, headers and body of each answer in what was received."""
    rest = received
    while rest:
        head, separator, body = rest.partition(b"\r\n\r\n")
        if not separator or not head.startswith(b"HTTP/"):
            return
        lines = head.split(b"\r\n")
        try:
            status = int(lines[0].split(b" ")[1])
        except (IndexError, ValueError):
            return
        headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(b":") for line in lines[1:])}
        if headers.get(b"transfer-encoding") == b"chunked":
            content, rest = dechunked(body)
        else:
            length = int(headers.get(b"content-length", b"0"))
            content, rest = body[:length], body[length:]
        if 100 <= status < 200:
            continue
        yield status, headers, content


def dechunked(body):
    content = b""
    while True:
        size, separator, body = body.partition(b"\r\n")
        if not separator:
            return content, b""
        length = int(size.split(b";")[0] or b"0", 16)
        if length == 0:
            return content, body[2:]
        content, body = content + body[:length], body[length + 2 :]
