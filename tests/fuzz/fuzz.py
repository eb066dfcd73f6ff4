"""`make fuzz`: the whole API document against a running program, with each kind of credential; raw HTTP beside it.

Exits with 1 when something is found. Writes every finding to the file that --out names, and logs beside it.
"""

import argparse
import concurrent.futures
import json
import os
import random
import signal
import subprocess
import sys
import time

import raw_http
from stack import Stack, call
from world import EVERYBODY, OPERATORS, World

HERE = os.path.dirname(os.path.abspath(__file__))

# Seconds of a long run in this proportion. Whoever is refused everywhere is asked once round, a few times each, however long that takes.
WEIGHTS = {"owner": 6, "api_key": 4, "super_admin": 2, "staff": 2, "viewer": 2}
# The program forgives this much in none of its answers: two processes hash passwords and build databases on the same cores.
ANSWER_WITHIN = {"short": 20, "long": 10}
SHORT = ("owner", "none")


class Run:
    def __init__(self, arguments, folder):
        self.arguments = arguments
        self.folder = folder
        self.document = os.path.join(folder, "openapi.json")
        self.children = []

    def credential(self, world, name, seconds):
        """One credential's run; answers what it found."""
        if name == "expired":
            time.sleep(max(0.0, world.expires_at - time.monotonic()))
        place = lambda suffix: os.path.join(self.folder, f"{name}.{suffix}")
        with open(place("world.json"), "w") as file:
            os.chmod(place("world.json"), 0o600)
            json.dump(world.to_json(name), file)
        command = [os.path.join(os.path.dirname(sys.executable), "st"), "--config-file", os.path.join(HERE, "schemathesis.toml"), "--no-color", "run"]
        command += [self.document, "--url", world.url, "--seed", str(self.arguments.seed), "--continue-on-failure", "--warnings", "off"]
        command += ["--max-response-time", str(ANSWER_WITHIN[self.arguments.mode]), "--request-timeout", "30", "--suppress-health-check", "all", "--no-shrink"]
        command += ["--report", "json", "--report-json-path", place("report.json")]
        command += self._amount(name, seconds)
        for operation in self.arguments.only:
            command += ["--include-operation-id", operation]
        environment = {**os.environ, "SCHEMATHESIS_HOOKS": "hooks", "PYTHONPATH": HERE, "FUZZ_WORLD": place("world.json"), "FUZZ_FOUND": place("found.json")}
        with open(place("log"), "w") as log:
            began = time.monotonic()
            child = subprocess.Popen(command, env=environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd=self.folder)
            self.children.append(child)
            child.wait(timeout=(seconds or 60) * 3 + 300)
        return self._found(name, place, child.returncode, time.monotonic() - began)

    def stop(self):
        """Ends what still runs."""
        for child in self.children:
            if child.poll() is None:
                child.kill()

    def _amount(self, name, seconds):
        if self.arguments.mode == "short":
            return ["--phases", "examples,fuzzing" if name == "owner" else "fuzzing", "--max-examples", "1"]
        if name not in WEIGHTS:
            return ["--phases", "fuzzing", "--max-examples", "5"]
        # Chosen operations need not be linked with each other.
        phases = "examples,coverage,fuzzing" if self.arguments.only else "examples,coverage,fuzzing,stateful"
        return ["--phases", phases, "--max-time", str(seconds)]

    def _found(self, name, place, code, seconds):
        try:
            with open(place("found.json")) as file:
                found = json.load(file)
            with open(place("report.json")) as file:
                report = json.load(file)
        except (OSError, ValueError):
            found, report = {"statuses": {}, "failures": [], "slowest": [0, ""]}, {"errors": ["no report"]}
        found["errors"] = [str(error)[:600] for error in report["errors"]] + found.pop("trouble", [])
        if code not in (0, 1):
            with open(place("log"), errors="replace") as log:
                found["errors"].append(f"schemathesis ended with {code}: {log.read()[-1500:]}")
        selected = report.get("operations", {})
        found.update(credential=name, seconds=round(seconds, 1), selected=selected.get("selected", 0), skipped=selected.get("skipped", 0))
        return found


def budgets(names, seconds, least):
    """Each credential's share of the time, when two run at a time; 0 for those that are asked once round. None has less than `least`."""
    whole = sum(WEIGHTS.get(name, 0) for name in names) or 1
    left = 2 * seconds - 20 * sum(name not in WEIGHTS for name in names)
    return {name: max(least, left * WEIGHTS[name] // whole) if name in WEIGHTS else 0 for name in names}


def waves(names):
    """Operators come last: they suspend and delete organizations, those of the other credentials too."""
    return [[name for name in names if name not in OPERATORS], [name for name in names if name in OPERATORS]]


def table(results):
    checks = sorted({failure["check"] for result in results for failure in result["failures"]})
    print(f"\n{'credential':<13}{'operations':>11}{'accepted':>10}{'requests':>10}{'slowest s':>11}{'errors':>8}{'failures':>10}")
    for result in results:
        statuses = result["statuses"]
        requests = sum(sum(counts.values()) for counts in statuses.values())
        accepted = sum(any(status.startswith(("2", "3")) for status in counts) for counts in statuses.values())
        failures = sum(failure["count"] for failure in result["failures"])
        row = f"{result['credential']:<13}{len(statuses):>11}{accepted:>10}{requests:>10}{result['slowest'][0]:>11.2f}{len(result['errors']):>8}{failures:>10}"
        print(row)
    for check in checks:
        counts = {result["credential"]: sum(failure["count"] for failure in result["failures"] if failure["check"] == check) for result in results}
        print(f"  {check}: " + ", ".join(f"{name} {count}" for name, count in counts.items() if count))


def tell(results, faults, raw):
    """Every kind of finding with one example."""
    for result in results:
        for failure in result["failures"]:
            example = failure["examples"][0]
            print(f"\n{result['credential']}: {failure['operation']}: {failure['check']} ({failure['count']} times, status {failure['status']})")
            print(f"  {example['message']}\n  answer: {example['answer'][:300]}\n  {example['request'][:600]}")
        for error in result["errors"]:
            print(f"\n{result['credential']}: schemathesis could not go on: {error}")
    for fault in faults:
        print(f"\nthe program: {fault}")
    for fault in raw["faults"]:
        print(f"\nraw HTTP: {fault}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", required=True, help="path of nexus")
    parser.add_argument("--mode", choices=("short", "long"), default="long")
    parser.add_argument("--seed", type=int)
    parser.add_argument("--seconds", type=int, default=600, help="of a long run")
    parser.add_argument("--only", action="append", default=[], metavar="OPERATION_ID")
    parser.add_argument("--credentials", default="", help="comma-separated; all by default")
    parser.add_argument("--out", required=True)
    arguments = parser.parse_args()
    if arguments.seed is None:
        arguments.seed = random.SystemRandom().randrange(1 << 32)
    names = [name for name in arguments.credentials.split(",") if name] or list(SHORT if arguments.mode == "short" else EVERYBODY)
    unknown = sorted(set(names) - set(EVERYBODY))
    if unknown:
        raise SystemExit(f"No such credential: {', '.join(unknown)}. There are {', '.join(EVERYBODY)}.")
    folder = os.path.join(os.path.dirname(os.path.abspath(arguments.out)), "fuzz")
    os.makedirs(folder, exist_ok=True)
    print(f"Seed {arguments.seed} (again: make fuzz SEED={arguments.seed})", flush=True)

    # Ended from outside, it ends what it started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("interrupted"))
    began = time.monotonic()
    lives = {"NEXUS__TOKENS__ACCESS_TTL_S": "60"} if arguments.mode == "long" else {}
    run = Run(arguments, folder)
    stack = Stack(arguments.program, folder, lives)
    try:
        status, document = call(stack.url, "GET", "/openapi.json")
        with open(run.document, "w") as file:
            json.dump(document, file)
        world = World(stack, document, names)
        names = [name for name in names if world.has(name)]
        unknown = set(arguments.only) - world.operations
        if status != 200 or unknown:
            raise SystemExit(f"The document (status {status}) has no operation {', '.join(sorted(unknown))}.")
        print(f"Ready after {time.monotonic() - began:.1f} s: {len(world.operations)} operations, {', '.join(names)}", flush=True)
        memory = [stack.memory_kib()]
        share = dict.fromkeys(names)
        if arguments.mode == "long":
            share = budgets(names, 10 * len(names), 10) if arguments.only else budgets(names, arguments.seconds, 60)
        results = []
        raw = {"cases": 0, "faults": []}
        aside = concurrent.futures.ThreadPoolExecutor(1)
        if not arguments.only:
            begun = aside.submit(raw_http.run, stack, world, arguments.seed, arguments.mode)
            if arguments.mode == "long":
                # By itself: it looks at the program's memory.
                begun.result()
        for wave in waves(names):
            with concurrent.futures.ThreadPoolExecutor(2) as pool:
                # The longest first, so that none is left over.
                order = sorted(wave, key=lambda name: (name == "expired", -(share[name] or 0)))
                results += pool.map(lambda name: run.credential(world, name, share[name]), order)
        if not arguments.only:
            raw = begun.result()
        memory.append(stack.memory_kib())
        faults = stack.faults()
        if stack.process.poll() is not None:
            faults.append(f"the program ended: {stack.tail()}")
        elif call(stack.url, "GET", "/readyz")[0] != 200:
            faults.append("the program is not ready any more")
    finally:
        run.stop()
        stack.stop()

    results.sort(key=lambda result: EVERYBODY.index(result["credential"]))
    tell(results, faults, raw)
    table(results)
    for result in results:
        missed = world.operations - set(result["statuses"]) if not arguments.only else set()
        if missed:
            faults.append(f"{result['credential']}: never asked: {', '.join(sorted(missed))}")
            print(f"  never asked by {result['credential']}: {', '.join(sorted(missed))}")
    found = sum(len(result["failures"]) + len(result["errors"]) for result in results) + len(faults) + len(raw["faults"])
    print(f"\nRaw HTTP: {raw['cases']} cases, {len(raw['faults'])} faults. Memory of the program: {memory[0] // 1024} MiB before, {memory[1] // 1024} MiB after.")
    print(f"Seed {arguments.seed}; {time.monotonic() - began:.0f} s; {found or 'no'} findings; all of it in {arguments.out}")
    with open(arguments.out, "w") as file:
        summary = {"seed": arguments.seed, "mode": arguments.mode, "credentials": results, "program": faults, "raw_http": raw, "memory_kib": memory}
        json.dump(summary, file, indent=1)
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
