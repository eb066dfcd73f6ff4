"""HTTP itself, by raw sockets: what a client library would never send.

Each case says how many answers may come. Of every case: no 5xx, no answer to a request that was smuggled in a body, an end within the
time the program promises. After all of it the program still serves, and its memory is where it was.
"""

import concurrent.futures
import gzip
import json
import random
import zlib

from stack import call
from talk import Talk
from world import log_in

# The request id of requests that lie in the body of another one: an answer that bears it is an answer to a smuggled request.
SMUGGLED = "smuggled-request-0001"
INNER = f"GET /version HTTP/1.1\r\nHost: localhost\r\nX-Request-Id: {SMUGGLED}\r\n\r\n".encode()
# Of the program's own limits (head and pause within a body 10 s, disconnecting 2 s), with time for a busy machine.
GIVEN_UP_WITHIN = 25
GROWTH_KIB = 96 * 1024


class Cases:
    """What is sent. `add(name, bytes, answers at most, allowed statuses)`; no statuses: any below 500."""

    def __init__(self, token, tenant):
        self.all = []
        self.host = "Host: localhost\r\n"
        self.who = f"{self.host}Authorization: Bearer {token}\r\nX-Tenant: {tenant}\r\n"
        self.json = self.who + "Content-Type: application/json\r\n"

    def add(self, name, data, most=1, allowed=None):
        self.all.append((name, data if isinstance(data, (bytes, list)) else data.encode(), most, allowed))

    def post(self, name, path, body, headers="", allowed=None, kind="application/json"):
        body = body if isinstance(body, bytes) else body.encode()
        head = f"POST {path} HTTP/1.1\r\n{self.who}Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n{headers}\r\n"
        self.add(name, head.encode() + body, 1, allowed)

    def request_lines(self):
        for line in ("GARBAGE", "GET", "GET /", "GET  / HTTP/1.1", "GET / HTTP/9.9", "GET / HTTP/1.1 x", "GET / HTTP/1", "G\x00T / HTTP/1.1", "get /\x01 HTTP/1.1"):
            self.add(f"request line {line!r}", f"{line}\r\n{self.host}\r\n", 1, range(400, 500))
        self.add("a TLS hello", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(range(64)), 1, range(400, 500))
        self.add("an HTTP/2 preface", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00", 1)
        self.add("a method of 8 KiB", f"{'A' * 8192} / HTTP/1.1\r\n{self.host}\r\n", 1, range(400, 500))
        self.add("a method nobody knows", f"BREW /version HTTP/1.1\r\n{self.host}\r\n", 1, range(400, 500))
        self.add("a path of 64 KiB", f"GET /{'a' * 65536} HTTP/1.1\r\n{self.host}\r\n", 1, range(400, 500))
        self.add("absolute form", f"GET http://evil.example/version HTTP/1.1\r\n{self.host}\r\n", 1)
        self.add("absolute form of another scheme", f"GET ftp://evil.example/version HTTP/1.1\r\n{self.host}\r\n", 1)
        self.add("CONNECT", f"CONNECT evil.example:443 HTTP/1.1\r\n{self.host}\r\n", 1, range(400, 500))
        self.add("OPTIONS *", f"OPTIONS * HTTP/1.1\r\n{self.host}\r\n", 1)
        self.add("TRACE", f"TRACE /version HTTP/1.1\r\n{self.host}\r\n", 1, range(400, 500))
        self.add("HTTP/1.0 without a host", "GET /version HTTP/1.0\r\n\r\n", 1)
        self.add("HTTP/1.1 without a host", "GET /version HTTP/1.1\r\n\r\n", 1)
        for path in ("/..%2f..%2fetc/passwd", "/%00", "/%zz", "/%ff%fe", "/api/v1/products/%00", "/api/v1//products", "/docs/../../etc/passwd", "/docs/%2e%2e/%2e%2e"):
            self.add(f"path {path}", f"GET {path} HTTP/1.1\r\n{self.who}\r\n", 1)

    def headers(self):
        for header in (
            "NoColon", "Content-Length : 5", ": nameless", "X-A: a\x00b", "X-A: a\rb", " X-Folded: a", "X-\x80: a", "Host: other", "Host: a\r\nHost: b",
            "Authorization: Bearer \xff\xfe", "X-Request-Id: " + "a" * 4000, "X-Tenant: " + "a" * 5000, "Content-Length: 0\r\nContent-Length: 0",
            "Accept-Encoding: " + "gzip," * 2000, "If-None-Match: " + '"a",' * 3000, "Range: bytes=0-,-1,0-0", "Expect: 100-continue", "Expect: 200-whatever",
            "Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABkAAQAAP__", "X-Forwarded-For: " + "1.1.1.1, " * 500,
            "X-Forwarded-Host: evil.example", "traceparent: 00-" + "z" * 500, "Cookie: " + "a=b; " * 2000, "Origin: null", "Accept: " + "*/*," * 1500,
        ):
            self.add(f"header {header[:40]!r}", f"GET /version HTTP/1.1\r\n{self.host}{header}\r\n\r\n".encode("latin-1"), 1)
        self.add("1,000 headers", "GET /version HTTP/1.1\r\n" + self.host + "".join(f"X-{i}: a\r\n" for i in range(1000)) + "\r\n", 1, range(400, 500))
        self.add("a header of 256 KiB", f"GET /version HTTP/1.1\r\n{self.host}X-A: {'a' * 262144}\r\n\r\n", 1, range(400, 500))
        self.add("a head of 2 MiB that does not end", f"GET /version HTTP/1.1\r\n{self.host}" + f"X-A: {'a' * 1000}\r\n" * 2048, 1, range(400, 500))
        self.add("bare line feeds", f"GET /version HTTP/1.1\n{self.host.replace(chr(13), '')}\n", 1)

    def smuggling(self):
        """Bodies whose length two readers could see differently; the inner request must never be answered."""
        chunked, plain = b"0\r\n\r\n" + INNER, INNER
        both = [
            ("both lengths", f"Content-Length: {len(chunked)}\r\nTransfer-Encoding: chunked\r\n"),
            ("both, the other way round", f"Transfer-Encoding: chunked\r\nContent-Length: {len(chunked)}\r\n"),
        ]
        for name, lengths in both:
            self.add(name, f"POST /api/v1/auth/login HTTP/1.1\r\n{self.json}{lengths}\r\n".encode() + chunked, 1, range(400, 500))
        for length in ("5\r\nContent-Length: 6", "+5", "-1", "5, 5", "5,6", "0x5", "5 5", "\x0b5", "99999999999999999999999", "", "1e1", "٥"):
            head = f"POST /api/v1/auth/login HTTP/1.1\r\n{self.json}Content-Length: {length}\r\n\r\n".encode()
            self.add(f"length {length!r}", head + plain, 1, range(400, 500))
        for coding in ("xchunked", "chunked, identity", "identity, chunked", "gzip, chunked", "chunked, chunked", "\x0bchunked", " chunked", "CHUNKED", "chunked;q=1", '"chunked"', "chunked\r\nTransfer-Encoding: identity"):
            head = f"POST /api/v1/auth/login HTTP/1.1\r\n{self.json}Transfer-Encoding: {coding}\r\nContent-Length: {len(chunked)}\r\n\r\n".encode()
            self.add(f"coding {coding!r} with a length", head + chunked, 1, range(400, 500))
            head = f"POST /api/v1/auth/login HTTP/1.1\r\n{self.json}Transfer-Encoding: {coding}\r\n\r\n".encode()
            # Alone it is either the chunked coding, whose body ends before the inner request (then that is a second request), or refused.
            self.add(f"coding {coding!r}", head + b"0\r\n\r\n", 1, range(400, 500))
        head = f"POST /api/v1/auth/login HTTP/1.1\r\n{self.json}Transfer-Encoding: chunked\r\n\r\n".encode()
        for size in (b"-1", b"0x5", b"G", b"FFFFFFFFFFFFFFFFF", b"5;ext=" + b"a" * 20000, b" 5", b"5 ", b"", b"5\x00"):
            self.add(f"chunk size {size[:30]!r}", head + size + b"\r\nhello\r\n" + INNER, 1, range(400, 500))
        self.add("a chunk longer than it says", head + b"3\r\nhello\r\n0\r\n\r\n" + INNER, 1, range(400, 500))
        self.add("chunked in HTTP/1.0", head.replace(b"HTTP/1.1", b"HTTP/1.0") + chunked, 1, range(400, 500))
        self.add("a GET with a body", f"GET /version HTTP/1.1\r\n{self.host}Content-Length: {len(plain)}\r\n\r\n".encode() + plain, 1)
        self.add("a length without a body of a refused path", f"POST /nowhere HTTP/1.1\r\n{self.host}Content-Length: {len(plain)}\r\n\r\n".encode() + plain, 1, range(400, 500))

    def pipelining(self):
        one = "GET /version HTTP/1.1\r\nHost: localhost\r\nX-Request-Id: pipelined-%04d\r\n\r\n"
        self.add("50 pipelined requests", "".join(one % number for number in range(50)), 50, range(200, 300))
        self.add("a malformed one after two", one % 1 + one % 2 + "BAD\r\n\r\n" + one % 3, 3)
        # The server library answers what it had read already when it read `close`: two requests of one client, no smuggling.
        self.add("one after Connection: close", one.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n") % 1 + one % 2, 2)

    def queries(self):
        path = "GET /api/v1/products?{} HTTP/1.1\r\n" + self.who + "\r\n"
        for name, query in {
            "900 unknown parameters": "&".join(f"a{i}=1" for i in range(900)),
            "one parameter 900 times": "&".join("limit=1" for _ in range(900)),
            "percent signs": "q=%&name=%zz&status=%",
            "bytes that are no UTF-8": "q=%ff%fe%c0%80&name=%ed%a0%80",
            "NUL": "q=a%00b&name=%00",
            "ampersands": "&" * 4000,
            "brackets": "created_at[gte][lt]=1&[]=1&price[]=1&price[[lt]]=1",
            "a cursor of 4 KiB": "cursor=" + "A" * 4000,
            "times at the ends of time": "created_at[gte]=0000-01-01T00:00:00%2B23:59&created_at[lt]=9999-12-31T23:59:59-23:59",
            "a number of 400 digits": "price[gte]=" + "9" * 400,
            "100 values": "name=" + ",".join("a" * 20 for _ in range(100)),
            "wildcards": "q=" + "%25_" * 90,
            "a regular expression's nightmare": "q=" + "(a%2B)%2B" * 20,
        }.items():
            self.add(f"query: {name}", path.format(query), 1)

    def bodies(self):
        path, refused = "/api/v1/categories", range(400, 500)
        for name, body in {
            "nothing": "", "null": "null", "a number": "7", "an array": "[]", "half an object": '{"name":', "two objects": '{"name":"a"}{"name":"b"}',
            "duplicate keys": '{"name":"a","name":"b"}', "duplicate keys by escapes": '{"name":"a","\\u006eame":"b"}', "a lone surrogate": '{"name":"\\ud800"}',
            "NUL by escape": '{"name":"a\\u0000b"}', "a byte order mark": "\ufeff" + '{"name":"a"}', "NaN": '{"name":"a","position":NaN}',
            "1e999": '{"name":"a","position":1e999}', "9223372036854775808": '{"name":"a","position":9223372036854775808}',
            "500,000 brackets": "[" * 500_000, "100,000 nested objects": '{"a":' * 100_000, "nested in a field": '{"name":' + "[" * 100_000 + "]" * 100_000 + "}",
            "100,000 unknown fields": "{" + ",".join(f'"f{i}":1' for i in range(60_000)) + "}", "a body of 1 MiB and a byte": '{"name":"' + "a" * (1 << 20) + '"}',
        }.items():
            self.post(f"body: {name}", path, body, allowed=refused)
        self.post("body: no UTF-8", path, b'{"name":"\xff\xfe"}', allowed=refused)
        self.post("body: overlong UTF-8", path, b'{"name":"\xc0\x80"}', allowed=refused)
        self.post("body: UTF-16", path, '{"name":"a"}'.encode("utf-16"), allowed=refused)
        for kind in ("text/plain", "application/xml", "application/json; charset=utf-16", "application/x-www-form-urlencoded", "a" * 2000, "multipart/form-data"):
            self.post(f"content type {kind[:40]}", path, '{"name":"a"}', kind=kind, allowed=refused)
        self.post("metadata: nested 5,000 deep", "/api/v1/products", '{"name":"a","metadata":' + '{"a":' * 5000 + "1" + "}" * 5000 + "}", allowed=refused)
        digits = "1." + "0" * 5000 + "1"
        self.post("a quantity of 5,000 digits", "/api/v1/inventory/adjust", json.dumps({"reason": "opening_stock", "lines": [{"sku": "a", "location": "MAIN", "delta": digits}]}), "Idempotency-Key: raw-http-1\r\n", refused)
        bomb = gzip.compress(b" " * (64 << 20))
        deflated = zlib.compress(b" " * (8 << 20))
        for coding, body in (("gzip", bomb), ("gzip", b"\x1f\x8bnot gzip"), ("deflate", deflated), ("br", b"\x8b\x00\x80a\x03"), ("identity, gzip", bomb), ("gzip, gzip", gzip.compress(bomb)), ("zstd", b"("), ("x" * 500, b"x")):
            self.post(f"encoding {coding[:20]} of {len(body)} bytes", path, body, f"Content-Encoding: {coding}\r\n", refused)

    def forms(self):
        path, refused = "/api/v1/products/import", range(400, 500)

        def form(name, body, boundary="b", kind=None):
            content = kind or f"multipart/form-data; boundary={boundary}"
            self.post(f"form: {name}", path, body, "Idempotency-Key: raw-http-2\r\n", refused, content)

        part = '--b\r\nContent-Disposition: form-data; name="{}"; filename="{}"\r\n{}\r\n{}\r\n'
        form("without a boundary", "x", kind="multipart/form-data")
        form("a boundary of 1,000 letters", "x", "b" * 1000)
        form("that does not end", part.format("file", "a.csv", "", "sku"))
        form("without parts", "--b--\r\n")
        form("10,000 parts", part.format("skip_invalid", "", "", "true") * 5_000 + "--b--\r\n")
        form("a part with 10,000 headers", part.format("file", "a.csv", "X-A: a\r\n" * 10_000, "sku") + "--b--\r\n")
        form("nested multipart", part.format("file", "a.csv", "Content-Type: multipart/mixed; boundary=b\r\n", "--b--") + "--b--\r\n")
        form("a part without a name", "--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--\r\n")
        form("a part without a disposition", "--b\r\n\r\nx\r\n--b--\r\n")
        for file in ("../../etc/passwd", 'a\\".csv', "a\x00.csv", "a" * 10_000, "\u202egnp.csv", "CON", "/", ""):
            form(f"file name {file[:20]!r}", part.format("file", file, "", "\x00\x01") + "--b--\r\n")
        form("a mapping nested 50,000 deep", part.format("mapping", "", "", "[" * 50_000) + "--b--\r\n")

    def mutations(self, seed, count):
        """Valid requests with bytes flipped, cut, doubled and put in."""
        random_ = random.Random(seed)
        body = b'{"name":"mutated","position":3}'
        valid = [
            f"GET /api/v1/products?limit=5&sort=-created_at&status=active HTTP/1.1\r\n{self.who}\r\n".encode(),
            f"POST /api/v1/categories HTTP/1.1\r\n{self.json}Content-Length: {len(body)}\r\n\r\n".encode() + body,
            f"POST /api/v1/categories HTTP/1.1\r\n{self.json}Transfer-Encoding: chunked\r\n\r\n{len(body):x}\r\n".encode() + body + b"\r\n0\r\n\r\n",
            f"POST /api/v1/products/import HTTP/1.1\r\n{self.who}Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 92\r\n\r\n".encode()
            + b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\nsku,name\r\na,b\r\n--b--\r\n\r\n',
        ]
        for number in range(count):
            data = bytearray(random_.choice(valid))
            for _ in range(random_.randint(1, 6)):
                place = random_.randrange(len(data))
                match random_.randrange(5):
                    case 0:
                        data[place] ^= 1 << random_.randrange(8)
                    case 1:
                        del data[place : place + random_.randint(1, 20)]
                    case 2:
                        data[place:place] = bytes([random_.choice(b"\r\n\x00 :,;\"%\xff\x0b{}[]")]) * random_.randint(1, 3)
                    case 3:
                        data[place:place] = data[place : place + random_.randint(1, 40)]
                    case _:
                        data[place] = random_.randrange(256)
                if not data:
                    data = bytearray(b"\r\n")
            # As many answers as there are request lines, and one to what is left when the body became longer than its length says.
            self.add(f"mutation {number}", bytes(data), bytes(data).count(b" HTTP/1") + 1)


def slow(port, cases):
    """Requests that never end: each must be given up by the program, with 408 or without a word."""
    head = f"POST /api/v1/categories HTTP/1.1\r\n{cases.json}Content-Length: 100\r\n\r\n".encode()
    trickle = [part for byte in range(200) for part in (b"a", 0.1)]
    yield "a head that stops", [b"GET /version HTTP/1.1\r\nHost: loc"]
    yield "a head byte by byte", [b"GET /version HTTP/1.1\r\nX-A: ", *trickle]
    yield "a body that stops", [head, b'{"name":']
    yield "a chunked body that stops", [head.replace(b"Content-Length: 100", b"Transfer-Encoding: chunked"), b'5\r\n{"nam']
    yield "nothing at all after the first line", [b"GET /version HTTP/1.1\r\n"]


def judge(name, talk, most, allowed):
    """What is wrong with what came back."""
    faults = []
    if any(status >= 500 for status in talk.statuses):
        faults.append(f"{name}: answered {talk.statuses}")
    if len(talk.answers) > most:
        faults.append(f"{name}: {len(talk.answers)} answers {talk.statuses}, at most {most} may come")
    if allowed is not None and any(status not in allowed for status in talk.statuses):
        faults.append(f"{name}: answered {talk.statuses}, allowed are {allowed.start} to {allowed.stop - 1}")
    if allowed is not None and not talk.answers and not talk.closed:
        faults.append(f"{name}: neither an answer nor an end within {talk.seconds:.1f} s")
    if any(headers.get(b"x-request-id", b"").decode("latin-1") == SMUGGLED for _, headers, _ in talk.answers):
        faults.append(f"{name}: a smuggled request was answered: {talk.statuses}")
    for status, headers, body in talk.answers:
        if 400 <= status < 500 and body and headers.get(b"content-type", b"").startswith(b"application/json"):
            try:
                if "code" not in json.loads(body)["error"]:
                    faults.append(f"{name}: {status} without an error code")
            except (ValueError, KeyError, TypeError):
                faults.append(f"{name}: {status} is not the error envelope: {body[:100]!r}")
    return faults


def run(stack, world, seed, mode):
    """Sends everything; answers how many cases there were and every fault."""
    token = log_in(stack.url, world.logins["owner_a"])
    cases = Cases(token, world.tenants["a"]["slug"])
    for group in (cases.request_lines, cases.headers, cases.smuggling, cases.pipelining, cases.queries, cases.bodies, cases.forms):
        group()
    cases.mutations(seed, 2000 if mode == "long" else 60)
    before = stack.memory_kib()
    faults = []

    def one(case):
        name, data, most, allowed = case
        return judge(name, Talk(stack.port, data), most, allowed)

    def one_slow(case):
        name, data = case
        talk = Talk(stack.port, data, wait=GIVEN_UP_WITHIN, most=GIVEN_UP_WITHIN + 20)
        found = judge(name, talk, 1, range(400, 500))
        if not talk.closed:
            found.append(f"{name}: the connection is open after {talk.seconds:.0f} s")
        return found

    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        slowly = pool.map(one_slow, slow(stack.port, cases)) if mode == "long" else []
        for found in (*pool.map(one, cases.all), *slowly):
            faults += found
    status, _ = call(stack.url, "GET", "/version")
    if status != 200:
        faults.append(f"after all of it /version answers {status}")
    grown = stack.memory_kib() - before
    if grown > GROWTH_KIB:
        faults.append(f"the program's memory grew by {grown // 1024} MiB")
    return {"cases": len(cases.all) + (5 if mode == "long" else 0), "faults": faults, "grown_kib": grown}
