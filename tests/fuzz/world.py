"""Two organizations that know nothing of each other, and a credential of every kind.

What belongs to organization B carries a canary, a text that occurs nowhere else: an answer to anybody but B that holds it is a leak.
"""

import concurrent.futures
import secrets
import sys
import time
import uuid

from stack import call

BUILT_WITHIN = 120

# Who asks, in the order of the table. `token`: how to get one (`people`: log in and again before it expires; `fixed`: as it is).
STRANGERS = ("none", "garbage", "expired")
PEOPLE = ("owner", "staff", "viewer")
OPERATORS = ("super_admin", "support", "billing")
EVERYBODY = (*STRANGERS, "account", "foreign", *PEOPLE, "api_key", *OPERATORS)

GARBAGE = "eyJhbGciOiJub25lIn0.e30."


def expect(answer, *statuses):
    status, body = answer
    if status not in statuses:
        raise SystemExit(f"Preparing the run: expected {statuses}, got {status}: {body}")
    return body["data"] if body else None


class World:
    """What the run needs to know of the organizations; `to_json` is what the hooks read."""

    def __init__(self, stack, document, credentials):
        self.stack = stack
        self.url = stack.url
        self.operations = {operation["operationId"] for item in document["paths"].values() for operation in item.values() if "operationId" in operation}
        self.canaries = {side: {"directory": f"canary-{secrets.token_hex(8)}", "data": f"canary-{secrets.token_hex(8)}"} for side in "ab"}
        self.logins = {}
        self.fixed = {"none": "", "garbage": GARBAGE}
        self.ids = {}
        self.held = {}
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            founded = {side: pool.submit(self._found, side) for side in "ab"}
            wanted = [role for role in OPERATORS if role in credentials]
            operators = {role: pool.submit(self._operator, role) for role in wanted}
            people = {role: pool.submit(self._person, role) for role in ("staff", "viewer") if role in credentials}
            self.tenants = {side: future.result() for side, future in founded.items()}
            for role, future in (*operators.items(), *people.items()):
                self.logins[role] = future.result()
            plants = [pool.submit(self._plant, side) for side in "ab"]
            joins = [pool.submit(self._join, role) for role in people]
            for done in (*plants, *joins):
                done.result()
        owner = self.logins["owner_a"]
        self.logins["owner"] = owner
        if "account" in credentials:
            # Without an organization the token is the account's own.
            self.logins["account"] = {key: owner[key] for key in ("email", "password")}
        self.logins["foreign"] = self.logins["owner_b"]
        if "expired" in credentials:
            self.fixed["expired"] = self._log_in(owner)
            self.expires_at = time.monotonic() + 70
        if "api_key" in credentials:
            self._key()
        for role in (*PEOPLE, "api_key"):
            if role in self.logins or role in self.fixed:
                token = self.fixed.get(role) or self._log_in(self.logins[role])
                me = call(self.url, "GET", "/api/v1/me", token=token, tenant=self.tenants["a"]["slug"])
                if me[0] == 200:
                    self.held[role] = me[1]["data"]["permissions"]

    def _found(self, side):
        canary, slug = self.canaries[side], f"fuzz{side}-{secrets.token_hex(4)}"
        person = {"email": f"{canary['directory']}@{slug}.example", "password": secrets.token_hex(12)}
        body = {"organization": f"Org {canary['directory']}", "slug": slug, "display_name": f"Owner {side.upper()}", "plan": "team", **person}
        founded = expect(call(self.url, "POST", "/api/v1/signup", body, headers={"Idempotency-Key": str(uuid.uuid4())}), 202)
        deadline = time.monotonic() + BUILT_WITHIN
        while True:
            status, state = call(self.url, "GET", f"/api/v1/operations/{founded['operation']['id']}", token=founded["capability"])
            if status == 200 and state["data"]["state"] == "succeeded":
                break
            if time.monotonic() > deadline or (status == 200 and state["data"]["state"] in ("failed", "undone")):
                raise SystemExit(f"Organization {slug} was not built within {BUILT_WITHIN} s: {state}")
            time.sleep(0.1)
        # As the link of the mail would.
        self.stack.sql("nexus_control", f"UPDATE accounts SET email_verified_at = now() WHERE email = '{person['email']}'")
        self.logins[f"owner_{side}"] = {**person, "organization": slug}
        return {"slug": slug, "id": founded["organization_id"]}

    def _plant(self, side):
        """One of each resource, named by the canary."""
        canary, slug = self.canaries[side]["data"], self.tenants[side]["slug"]
        token = self._log_in(self.logins[f"owner_{side}"])
        ids = self.ids.setdefault(side, {"organizations": self.tenants[side]["id"], "tenants": self.tenants[side]["id"]})

        def create(path, body, collection):
            headers = {"Idempotency-Key": str(uuid.uuid4())}
            made = expect(call(self.url, "POST", f"/api/v1{path}", body, token=token, tenant=slug, headers=headers), 201)
            ids[collection] = made["id"]
            return made

        create("/categories", {"name": canary}, "categories")
        create("/tags", {"name": canary}, "tags")
        create("/saved-views", {"name": canary, "resource": "products", "query": {"q": canary}}, "saved-views")
        location = create("/locations", {"name": canary, "code": canary.upper(), "type": "site", "kind": "warehouse", "is_stock": True}, "locations")
        product = create("/products", {"name": canary, "description": canary, "brand": canary, "metadata": {canary: canary}}, "products")
        variant = create(f"/products/{product['id']}/variants", {"sku": canary, "name": canary}, "variants")
        posted = {"reason": "opening_stock", "note": canary, "lines": [{"variant_id": variant["id"], "location_id": location["id"], "delta": "5"}]}
        posting = create("/inventory/adjust", posted, "postings")
        ids["stock-movements"] = posting["movements"][0]["id"]
        create("/api-keys", {"name": canary, "scopes": ["products.read"]}, "api-keys")
        users = expect(call(self.url, "GET", "/api/v1/users", token=token, tenant=slug), 200)
        ids["users"] = users[0]["id"]

    def _person(self, role):
        """An account without an organization; it joins one when that is built."""
        login = {"email": f"{role}-{secrets.token_hex(4)}@fuzz.example", "password": secrets.token_hex(12)}
        made = expect(call(self.url, "POST", "/api/v1/auth/register", {**login, "display_name": role.title()}), 202)
        return {**login, "account_id": made["account_id"]}

    def _join(self, role):
        """Makes an account a member of organization A, as an accepted invitation would."""
        tenant, login = self.tenants["a"], self.logins[role]
        account = self.stack.sql("nexus_control", f"UPDATE accounts SET email_verified_at = now() WHERE email = '{login['email']}' RETURNING id")
        self.stack.sql("nexus_control", f"INSERT INTO memberships (account_id, organization_id) VALUES ('{account}', '{tenant['id']}')")
        database = self.stack.sql("nexus_control", f"SELECT database_name FROM tenants WHERE id = '{tenant['id']}'")
        self.stack.sql(
            database,
            "WITH u AS (INSERT INTO users (id, email, email_normalised, display_name, status, joined_at) "
            f"VALUES ('{account}', '{login['email']}', '{login['email']}', '{role}', 'active', now()) RETURNING id) "
            f"INSERT INTO user_roles (user_id, role_id) SELECT u.id, r.id FROM u, roles r WHERE r.key = '{role}'",
        )
        login["organization"] = tenant["slug"]
        login.pop("account_id", None)

    def _operator(self, role):
        email, password = self.stack.operator()
        if role != "super_admin":
            email, password = f"{role}-{secrets.token_hex(4)}@fuzz.example", secrets.token_hex(12)
            self.stack.admin("create-operator", "--email", email, "--role", role, "--password-stdin", text=password)
        return {"email": email, "password": password, "operator": True}

    def _log_in(self, login):
        return log_in(self.url, login)

    def _key(self):
        """An API key of organization A with every scope that a key can have."""
        token, slug = self._log_in(self.logins["owner"]), self.tenants["a"]["slug"]
        permissions = expect(call(self.url, "GET", "/api/v1/permissions", token=token, tenant=slug), 200)
        body = {"name": "fuzz", "scopes": [permission["key"] for permission in permissions if permission["is_scope"]]}
        answer = call(self.url, "POST", "/api/v1/api-keys", body, token=token, tenant=slug, headers={"Idempotency-Key": str(uuid.uuid4())})
        self.fixed["api_key"] = expect(answer, 201)["key"]

    def has(self, credential):
        return credential in self.fixed or credential in self.logins

    def forbidden(self, credential):
        """Texts that no answer to this credential may hold."""
        a, b = self.canaries["a"], self.canaries["b"]
        if credential in OPERATORS:
            # They see the directory: names and slugs, never what is inside.
            return [a["data"], b["data"]]
        if credential == "foreign":
            return [a["data"], a["directory"]]
        if credential in STRANGERS or credential == "account":
            # The account's own address is A's.
            return [b["data"], b["directory"], a["data"]]
        return [b["data"], b["directory"]]

    def to_json(self, credential):
        victim = "a" if credential == "foreign" else "b"
        return {
            "url": self.url,
            "credential": credential,
            "tenant": self.tenants["a"]["slug"],
            "login": self.logins.get(credential),
            "token": self.fixed.get(credential),
            "forbidden": self.forbidden(credential),
            "strangers_ids": self.ids.get(victim, {}),
            "permissions": self.held.get(credential),
        }


def log_in(url, login):
    """A fresh access token."""
    path = "/api/v1/admin/auth/login" if login.get("operator") else "/api/v1/auth/login"
    body = {key: value for key, value in login.items() if key in ("email", "password", "organization")}
    for _ in range(20):
        status, answer = call(url, "POST", path, body)
        if status == 200:
            return answer["data"]["access_token"]
        if status < 429:
            break
        time.sleep(0.25)
    print(f"log-in of {login['email']}: {status} {answer}", file=sys.stderr)
    return ""
