"""The demo behind scripts/demo.sh: Python's standard library and curl (for uploads), nothing of the product.

The expected levels are computed here from the file alone: opening stock less what was sold, by article, codes compared without
regard to case, as the import is told to.
"""

import collections
import csv
import gzip
import json
import os
import subprocess
import sys
import tempfile
import time
import uuid

API, FILE, PLAN = sys.argv[1].rstrip("/") + "/api/v1", sys.argv[2], sys.argv[3]
# Codes of the file that are no goods: fees, postage, samples, hand-written lines.
NO_GOODS = ["POST", "D", "DOT", "M", "S", "C2", "BANK CHARGES", "AMAZONFEE", "CRUK", "PADS", "B"]
WAIT = 600


def say(text):
    print(f"==> {text}", flush=True)


def stop(text):
    sys.exit(f"demo: {text}")


def call(method, path, *args, token=None, tenant=None, key=False):
    """One request by curl; answers (status, body)."""
    command = ["curl", "-sS", "--max-time", "300", "-X", method, API + path, "-w", "\n%{http_code}"]
    headers = {"Authorization": f"Bearer {token}" if token else None, "X-Tenant": tenant}
    if key:
        headers["Idempotency-Key"] = str(uuid.uuid4())
    for name, value in headers.items():
        if value:
            command += ["-H", f"{name}: {value}"]
    done = subprocess.run(command + list(args), capture_output=True, text=True)
    if done.returncode:
        stop(f"{method} {path}: {done.stderr.strip()}")
    body, _, status = done.stdout.rpartition("\n")
    return int(status), json.loads(body) if body.strip() else {}


def send(method, path, data=None, **options):
    """A JSON request that must succeed; answers `data`."""
    args = []
    if data is not None:
        with tempfile.NamedTemporaryFile("w", suffix=".json", delete=False) as body:
            json.dump(data, body)
        args = ["-H", "Content-Type: application/json", "--data-binary", f"@{body.name}"]
    try:
        while True:
            status, answer = call(method, path, *args, **options)
            if status != 429:
                break
            time.sleep(2)  # the API says how often it may be asked
    finally:
        if data is not None:
            os.unlink(body.name)
    if not 200 <= status < 300:
        stop(f"{method} {path}: {status} {json.dumps(answer.get('error', answer))}")
    return answer.get("data")


def wait(what, look):
    deadline = time.monotonic() + WAIT
    while time.monotonic() < deadline:
        found = look()
        if found is not None:
            return found
        time.sleep(0.5)
    stop(f"{what} took longer than {WAIT} s")


def read():
    """The lines of the file, in order: (code, quantity)."""
    with gzip.open(FILE, "rt", encoding="utf-8", newline="") as source:
        rows = csv.DictReader(source)
        return [(row["StockCode"].strip(), int(row["Quantity"])) for row in rows]


def run_import(kind, path, mapping, who, **fields):
    with tempfile.NamedTemporaryFile(suffix=".csv", delete=False) as plain, gzip.open(FILE, "rb") as source:
        while block := source.read(1 << 20):
            plain.write(block)
    args = ["-F", f"file=@{plain.name};type=text/csv;filename=online-retail-2010-12.csv", "-F", f"mapping={json.dumps(mapping)};type=application/json"]
    for name, value in fields.items():
        args += ["-F", f"{name}={value}"]
    began = time.monotonic()
    status, answer = call("POST", path, *args, key=True, **who)
    os.unlink(plain.name)
    if status not in (200, 202):
        stop(f"importing {kind}: {status} {json.dumps(answer.get('error', answer))}")
    job = answer["data"]["id"]

    def ended():
        found = send("GET", f"/jobs/{job}", **who)
        return found if found["state"] in ("succeeded", "failed", "cancelled") else None

    found = wait(f"importing {kind}", ended)
    if found["state"] != "succeeded":
        stop(f"importing {kind} {found['state']}: {found['error']} (faulty rows: {found['errors_url']})")
    told = ", ".join(f"{name.replace('_', ' ')} {count}" for name, count in found["summary"].items() if isinstance(count, (int, str)) and not isinstance(count, bool))
    say(f"Imported {kind} in {time.monotonic() - began:.1f} s ({told})")


def main():
    lines = read()
    no_goods = {code.lower() for code in NO_GOODS}
    running, shortfall, spelled = collections.Counter(), collections.Counter(), {}
    for code, quantity in lines:
        article = code.lower()
        if article in no_goods:
            continue
        spelled.setdefault(article, code)
        running[article] -= quantity
        shortfall[article] = max(shortfall[article], -running[article])
    expected = {article: shortfall[article] + running[article] for article in spelled}
    say(f"{len(lines)} lines, {len(spelled)} articles in {os.path.basename(FILE)}")

    slug = f"demo-{uuid.uuid4().hex[:8]}"
    person = {"email": f"demo@{slug}.example", "password": uuid.uuid4().hex}
    founded = send("POST", "/signup", {"organization": "Demo Retail Ltd", "slug": slug, "display_name": "Demo", "plan": PLAN, **person}, key=True)
    say(f"Signed up {slug}; building its database, role and bucket")
    operation = founded["operation"]["id"]

    def built():
        found = send("GET", f"/operations/{operation}", token=founded["capability"])
        if found["state"] in ("failed", "undone"):
            stop(f"building failed: {json.dumps(found['error'])}")
        return found if found["state"] == "succeeded" else None

    wait("building the organization", built)
    token = send("POST", "/auth/login", {**person, "organization": slug})["access_token"]
    who = {"token": token, "tenant": slug}
    say(f"Logged in as {person['email']}")

    run_import(
        "products",
        "/products/import",
        {
            "columns": {"sku": "StockCode", "name": "Description", "price": "UnitPrice"},
            "defaults": {"name": "(no description)", "currency": "GBP"},
            "sku_case": "merge",
            "non_stocked_skus": NO_GOODS,
        },
        who,
        # A file may hold lines that are no article at all (a debt written off as a negative price): told, not fatal.
        skip_invalid="true",
    )

    opening = [(spelled[article], quantity) for article, quantity in sorted(shortfall.items()) if quantity > 0]
    for start in range(0, len(opening), 1000):
        batch = [{"sku": sku, "location": "MAIN", "delta": str(quantity)} for sku, quantity in opening[start : start + 1000]]
        send("POST", "/inventory/adjust", {"reason": "opening_stock", "note": "Greatest running shortfall", "lines": batch}, key=True, **who)
    say(f"Opened stock of {len(opening)} articles")

    run_import(
        "movements",
        "/stock-movements/import",
        {
            "columns": {"sku": "StockCode", "quantity": "Quantity", "occurred_at": "InvoiceDate", "reference": "InvoiceNo"},
            "defaults": {"location": "MAIN"},
            "sign": "sale",
            "sku_case": "merge",
            "time_zone": "Europe/London",
            "non_stocked_skus": NO_GOODS,
            "backdating_reason": "Demo: sales of December 2010",
        },
        who,
    )

    levels, cursor = collections.Counter(), ""
    while cursor is not None:
        status, page = call("GET", f"/inventory?limit=200&cursor={cursor}", **who)
        if status == 429:
            time.sleep(2)
            continue
        if status != 200:
            stop(f"reading the levels: {status} {json.dumps(page)}")
        for level in page["data"]:
            levels[level["sku"].lower()] += int(float(level["on_hand"]))
        cursor = page["metadata"].get("next_cursor")

    print(f"\n{'article':<12}{'sold':>8}{'opening':>9}{'level':>8}{'computed':>10}")
    busiest = sorted(spelled, key=lambda article: (-abs(running[article]), article))[:10]
    for article in busiest:
        print(f"{spelled[article]:<12}{-running[article]:>8}{shortfall[article]:>9}{levels[article]:>8}{expected[article]:>10}")
    wrong = {article: (levels[article], expected[article]) for article in expected if levels[article] != expected[article]}
    if wrong:
        stop(f"{len(wrong)} levels differ, such as {dict(list(wrong.items())[:5])}")
    say(f"All {len(expected)} levels agree with the sum computed apart from the product")
    say(f"Look around as {person['email']} with the password {person['password']} (organization {slug}), for instance:")
    log_in = json.dumps({**person, "organization": slug})
    print(f"""
  TOKEN=$(curl -s {API}/auth/login -H 'Content-Type: application/json' -d '{log_in}' | sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/')
  curl -s '{API}/products?q=mug&limit=5' -H "Authorization: Bearer $TOKEN"
  curl -sg '{API}/inventory?on_hand[gte]=1000&sort=-on_hand' -H "Authorization: Bearer $TOKEN"
  curl -s '{API}/stock-movements?limit=5' -H "Authorization: Bearer $TOKEN"
""")


main()
