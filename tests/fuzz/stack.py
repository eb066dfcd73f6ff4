"""A development stack of the fuzz run's own: `nexus dev` on free ports, in a folder of its own, ended by its process id."""

import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

READY_WITHIN = 120
STOPPED_WITHIN = 30

# Limits that would end the run instead of the fuzzer, and lives of tokens short enough that one expires during the run.
SETTINGS = {
    "NEXUS__RATE_LIMIT__ENABLED": "false",
    "NEXUS__RATE_LIMIT__SIGN_UPS_PER_HOUR": "60",
    "NEXUS__SIGNUP__ORGANIZATIONS_PER_ACCOUNT": "20",
    # Requests come from an address per credential (hooks.py), so that guesses at passwords lock out the guesser alone.
    "NEXUS__HTTP__TRUSTED_PROXIES": "127.0.0.0/8,::1/128",
    "NEXUS__IMPORTS__MAX_BYTES": "16777216",
    "NEXUS__LOG__FORMAT": "json",
    "NEXUS__LOG__FILTER": "warn,nexus=info,sqlx=error",
}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Stack:
    """A running program. `url` is its API, `log` its file of log lines."""

    def __init__(self, program, folder, settings=None):
        self.program = program
        self.folder = folder
        self.data = tempfile.mkdtemp(prefix="nexus-fuzz-")
        self.log = os.path.join(folder, "nexus.log")
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        environment = {name: value for name, value in os.environ.items() if not name.startswith("NEXUS")}
        environment.update(SETTINGS, **(settings or {}), NEXUS__DEV__DATA_DIR=self.data, NEXUS_DEV_PORT=str(self.port))
        with open(self.log, "w") as log:
            self.process = subprocess.Popen([program, "dev"], env=environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True)
        try:
            self._wait()
        except BaseException:
            self.stop()
            raise

    def _wait(self):
        deadline = time.monotonic() + READY_WITHIN
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise SystemExit(f"The program ended while it started:\n{self.tail()}")
            if os.path.exists(os.path.join(self.data, "running.json")):
                with open(os.path.join(self.data, "running.json")) as file:
                    self.url = json.load(file)["url"]
                self.port = int(self.url.rsplit(":", 1)[1])
                return
            time.sleep(0.05)
        raise SystemExit(f"The program was not ready within {READY_WITHIN} s:\n{self.tail()}")

    def tail(self, lines=30):
        with open(self.log, errors="replace") as log:
            return "".join(log.readlines()[-lines:])

    def operator(self):
        """The first operator's address and password."""
        with open(os.path.join(self.data, "secrets.json")) as file:
            secrets = json.load(file)
        return secrets["operator_email"], secrets["operator_password"]

    def admin_url(self):
        """The URL of the database administrator."""
        with open(os.path.join(self.data, "nexus.toml")) as file:
            for line in file:
                if line.startswith("admin_url"):
                    return line.split('"')[1]
        raise SystemExit("nexus.toml names no administrator's URL")

    def sql(self, database, statement):
        """Runs a statement as the administrator."""
        url = self.admin_url().rsplit("/", 1)[0] + "/" + database
        psql = shutil.which("psql")
        if psql is None:
            raise SystemExit("psql is missing: install the client of the Postgres server (Debian: postgresql-client).")
        done = subprocess.run([psql, "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", url, "-c", statement], capture_output=True, text=True, timeout=30)
        if done.returncode:
            raise SystemExit(f"psql: {done.stderr.strip()}")
        return done.stdout.strip()

    def admin(self, *arguments, text=""):
        """A command of the operator's command line."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("NEXUS")}
        environment["NEXUS_CONFIG"] = os.path.join(self.data, "nexus.toml")
        command = [self.program, "admin", *arguments]
        done = subprocess.run(command, env=environment, input=text + "\n", capture_output=True, text=True, timeout=60)
        if done.returncode:
            raise SystemExit(f"nexus admin {arguments[0]}: {done.stderr.strip()}")

    def memory_kib(self):
        """The resident memory of the program alone."""
        try:
            with open(f"/proc/{self.process.pid}/status") as status:
                return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))
        except (OSError, StopIteration):
            return 0

    def faults(self):
        """Lines of the log that should not be there: panics and errors."""
        found = []
        with open(self.log, errors="replace") as log:
            for line in log:
                # A client's malformed request is no fault of the program.
                if "panicked at" in line or ('"level":"ERROR"' in line and '"target":"actix_http::' not in line):
                    found.append(line.strip()[:500])
        return found

    def stop(self):
        """Ends the program and what it started; its data is deleted."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(STOPPED_WITHIN)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        try:
            with open(os.path.join(self.data, "cluster-path")) as file:
                cluster = file.read().strip()
            if cluster.startswith("/var/tmp/nexus-"):
                shutil.rmtree(cluster, ignore_errors=True)
        except OSError:
            pass
        shutil.rmtree(self.data, ignore_errors=True)


def call(url, method, path, body=None, token=None, tenant=None, headers=None, timeout=30):
    """One request with JSON; answers status and JSON."""
    sent = {"Content-Type": "application/json", **(headers or {})}
    if token:
        sent["Authorization"] = f"Bearer {token}"
    if tenant:
        sent["X-Tenant"] = tenant
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{url}{path}", method=method, data=data, headers=sent)
    try:
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            return answer.status, read(answer)
    except urllib.error.HTTPError as error:
        return error.code, read(error)


def read(answer):
    text = answer.read()
    try:
        return json.loads(text) if text else None
    except ValueError:
        return text.decode(errors="replace")
