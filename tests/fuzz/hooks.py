"""What schemathesis is taught about this API: how a credential is sent, and what must hold of every answer beside the document.

Read by `st run` through SCHEMATHESIS_HOOKS. FUZZ_WORLD names the world as `world.py` wrote it, FUZZ_FOUND where findings are written.
"""

import atexit
import collections
import json
import os
import threading
import time
import tomllib
import zlib

import schemathesis

from world import EVERYBODY, log_in

HERE = os.path.dirname(os.path.abspath(__file__))
with open(os.environ["FUZZ_WORLD"]) as file:
    WORLD = json.load(file)
with open(os.path.join(HERE, "refusals.toml"), "rb") as file:
    REFUSALS = tomllib.load(file).get("refusal", [])

CREDENTIAL = WORLD["credential"]
# Answered by the control plane; the rest of /api/v1 is an organization's.
CONTROL = {"auth", "account", "sessions", "signup", "operations", "organizations", "tenants", "billing", "admin", "health"}
STRANGERS = {"none", "garbage", "expired"}
# Where the credential's requests come from, as a proxy would tell it.
ADDRESS = f"203.0.113.{sorted(EVERYBODY).index(CREDENTIAL) + 1}"
# A token lives for a minute during the run.
RENEW_AFTER = 35
# Examples kept of one kind of finding.
KEPT = 3


def is_tenants(path):
    """Whether the path belongs to an organization."""
    return path.startswith("/api/v1/") and path.split("/")[3] not in CONTROL


class Token:
    """The credential's access token; logged in again before it expires and when it was refused."""

    def __init__(self):
        self.lock = threading.Lock()
        self.fixed = WORLD["token"]
        self.value, self.since = None, 0.0

    def get(self):
        if self.fixed is not None:
            return self.fixed
        with self.lock:
            if self.value is None or time.monotonic() - self.since > RENEW_AFTER:
                self.value, self.since = log_in(WORLD["url"], WORLD["login"]), time.monotonic()
                if not self.value:
                    FOUND.trouble.append("the credential could not log in again")
            return self.value

    def refused(self):
        """The next request logs in again, but not more often than once a second."""
        with self.lock:
            if self.value is not None and time.monotonic() - self.since > 1:
                self.value = None


class Found:
    """What the run saw, written at its end."""

    def __init__(self):
        self.lock = threading.Lock()
        self.statuses = collections.defaultdict(collections.Counter)
        self.failures = {}
        self.slowest = (0.0, "")
        self.trouble = []
        atexit.register(self.write)

    def answered(self, operation, response):
        with self.lock:
            self.statuses[operation][response.status_code] += 1
            if response.elapsed > self.slowest[0]:
                self.slowest = (response.elapsed, operation)

    def failed(self, operation, failure, case, response):
        check = failure.title
        message = " ".join((failure.message or check).split())
        key = f"{operation} {check} {response.status_code} {shape(message, response)}"
        with self.lock:
            entry = self.failures.setdefault(key, {"operation": operation, "check": check, "status": response.status_code, "count": 0, "examples": []})
            entry["count"] += 1
            if len(entry["examples"]) < KEPT:
                curl = case.as_curl_command()
                entry["examples"].append({"message": message[:400], "answer": (response.text or "")[:600], "request": curl[:1500]})

    def write(self):
        found = {
            "credential": CREDENTIAL,
            "statuses": self.statuses,
            "failures": list(self.failures.values()),
            "slowest": self.slowest,
            "trouble": self.trouble[:KEPT],
        }
        with open(os.environ["FUZZ_FOUND"], "w") as file:
            json.dump(found, file, indent=1)


def shape(message, response):
    """What makes two failures the same: the error's code and fields, without values."""
    error = error_of(response)
    details = error.get("details") if isinstance(error.get("details"), list) else []
    codes = sorted({f"{strip(detail.get('field', ''))}:{detail.get('code')}" for detail in details if isinstance(detail, dict)})
    return f"{error.get('code')} {','.join(codes)}" if error else "".join(c for c in message[:60] if not c.isdigit())


def strip(field):
    """A field without the indexes."""
    return "".join(character for character in field if not character.isdigit())


def error_of(response):
    try:
        return response.json()["error"]
    except (ValueError, KeyError, TypeError):
        return {}


TOKEN = Token()
FOUND = Found()


def operation_id(case):
    return case.operation.definition.raw.get("operationId") or case.operation.label


@schemathesis.hook
def before_call(context, case, kwargs):
    token = TOKEN.get()
    if token:
        case.headers["Authorization"] = f"Bearer {token}"
    case.headers["X-Forwarded-For"] = ADDRESS
    if is_tenants(case.operation.path):
        case.headers["X-Tenant"] = WORLD["tenant"]


@schemathesis.hook
def after_call(context, case, response):
    FOUND.answered(operation_id(case), response)
    if response.status_code == 401:
        TOKEN.refused()


@schemathesis.hook
def map_path_parameters(context, path_parameters):
    """Now and then an id is one of somebody else's: known to exist, and not to be found."""
    if not path_parameters or context.operation is None:
        return path_parameters
    segments = context.operation.path.split("/")
    for name, value in path_parameters.items():
        place = "{" + name + "}"
        if place not in segments or zlib.crc32(str(value).encode()) % 8:
            continue
        collection = "products" if name == "product_id" else segments[segments.index(place) - 1]
        foreign = WORLD["strangers_ids"].get(collection)
        if foreign:
            path_parameters[name] = foreign
    return path_parameters


@schemathesis.hook
def filter_failure(context, failure, case, response):
    """Refusals of valid data that no schema can tell (`refusals.toml`) are no failures."""
    # A request without the credential is sent as another credential of the run (`none`), not by leaving the header out.
    if "'Authorization'" in (failure.message or ""):
        return False
    rejected = type(failure).__name__ == "RejectedPositiveData"
    if rejected and explained(operation_id(case), error_of(response)):
        return False
    FOUND.failed(operation_id(case), failure, case, response)
    return True


def explained(operation, error):
    details = error.get("details")
    faults = [(error.get("code"), None, error.get("message"))]
    if error.get("code") in ("VALIDATION_FAILED", "BAD_REQUEST") and isinstance(details, list):
        faults = [(detail.get("code"), strip(detail.get("field", "")), detail.get("message")) for detail in details]
    return bool(faults) and all(any(covers(refusal, operation, *fault) for refusal in REFUSALS) for fault in faults)


def covers(refusal, operation, code, field, message):
    if code not in refusal["codes"]:
        return False
    if "operations" in refusal and operation not in refusal["operations"]:
        return False
    if "messages" in refusal and message not in refusal["messages"]:
        return False
    return "fields" not in refusal or field in refusal["fields"]


@schemathesis.check
def nothing_of_others(ctx, response, case):
    """No answer holds a text of an organization that the caller has no part in."""
    text = response.text or ""
    for canary in WORLD["forbidden"]:
        around = text[max(0, text.find(canary) - 60) :][:120]
        assert canary not in text, f"the answer holds another organization's text: …{around}…"
        assert all(canary not in value for values in response.headers.values() for value in values), "a header holds another organization's text"


@schemathesis.check
def error_envelope(ctx, response, case):
    """Every error is the one envelope, with the id of the request, a code that the operation may answer and that code's status."""
    if response.status_code < 400 or case.method.upper() == "HEAD":
        return
    assert response.headers.get("content-type", [""])[0].startswith("application/json"), "an error that is no JSON"
    error = response.json().get("error")
    assert isinstance(error, dict), "an error without its envelope"
    assert set(error) <= {"code", "message", "details", "request_id"}, f"the error has other fields: {sorted(error)}"
    assert error.get("message"), "an error without a message"
    assert error.get("request_id") == response.headers.get("x-request-id", [None])[0], "the error's request id is not that of the header"
    document = case.operation.schema.raw_schema
    codes = {entry["code"]: entry["status"] for entry in document["x-error-codes"]}
    assert codes.get(error.get("code")) == response.status_code, f"{error.get('code')} is no code of status {response.status_code}"
    described = document["paths"].get(case.operation.path, {}).get(case.method.lower(), {}).get("responses", {}).get(str(response.status_code))
    if described and "$ref" in described:
        described = document["components"]["responses"][described["$ref"].rsplit("/", 1)[1]]
    if described:
        named = described["content"]["application/json"]["examples"]
        assert error["code"] in named, f"{error['code']} is not described for this operation"


@schemathesis.check
def only_who_may(ctx, response, case):
    """Nobody gets in without a valid token, into another organization, or without the operation's permission."""
    if not 200 <= response.status_code < 400:
        return
    secured = case.operation.definition.raw.get("security") or []
    if not secured or {} in secured:
        return
    assert CREDENTIAL not in STRANGERS, "the operation answers without a valid token"
    if not is_tenants(case.operation.path):
        permission = case.operation.definition.raw.get("x-permission")
        assert permission is None or CREDENTIAL in ("super_admin", "support", "billing"), "the operation is for operators alone"
        return
    assert CREDENTIAL not in ("account", "foreign", "super_admin", "support", "billing"), "the token is not for this organization"
    needed = case.operation.definition.raw.get("x-permission")
    held = WORLD["permissions"]
    if needed and held is not None:
        needed = [needed] if isinstance(needed, str) else needed
        assert any(permission in held for permission in needed), f"the operation needs {' or '.join(needed)}"


@schemathesis.check
def not_another_organizations(ctx, response, case):
    """An id of another organization is not found, whatever is done with it."""
    strangers = set(WORLD["strangers_ids"].values())
    if is_tenants(case.operation.path) and any(value in strangers for value in (case.path_parameters or {}).values()):
        assert response.status_code >= 400, "an id of another organization was found"
