/**
 * The program for all end-to-end tests: `nexus dev` with data of its own, on ports of its own, gone afterwards. It serves the
 * console from `web/dist`. `NEXUS_E2E_URL` names one that runs already (then `NEXUS_E2E_OPERATOR` is `address:password`).
 */
import { type ChildProcess, spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    url: string;
    operator: { email: string; password: string };
  }
}

const root = fileURLToPath(new URL("../..", import.meta.url));

export default async function setup(project: TestProject) {
  const running = process.env.NEXUS_E2E_URL;
  if (running) {
    const [email = "", password = ""] = (process.env.NEXUS_E2E_OPERATOR ?? "").split(":");
    project.provide("url", running);
    project.provide("operator", { email, password });
    return;
  }
  const program = await start();
  project.provide("url", program.url);
  project.provide("operator", program.operator);
  return program.stop;
}

export interface Program {
  url: string;
  operator: { email: string; password: string };
  stop: () => Promise<void>;
}

/**
 * A program of its own; `more` is added to its environment. Organizations' hosts are sites of their own below `localhost`;
 * below another `apex` (`nexus.localhost`) they are one site, as they are below a domain.
 */
export async function start(more: Record<string, string> = {}, apex = "localhost"): Promise<Program> {
  const data = mkdtempSync(join(tmpdir(), "nexus-e2e-"));
  const [port, metrics] = await Promise.all([freePort(), freePort()]);
  const child = spawn(program(), ["dev", "--data-dir", data, "--port", String(port)], {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...process.env,
      NEXUS__HTTP__METRICS_BIND: `127.0.0.1:${metrics}`,
      // Every test founds an organization of its own, all from one address.
      NEXUS__RATE_LIMIT__SIGN_UPS_PER_HOUR: "10000",
      NEXUS__RATE_LIMIT__REGISTRATIONS_PER_HOUR: "10000",
      NEXUS__HTTP__APEX_HOST: apex,
      NEXUS__HTTP__PUBLIC_URL: `http://${apex}:${port}`,
      ...more,
    },
  });
  const said = await ready(child, data).catch((fault) => {
    remove(data);
    throw fault;
  });
  const [, email = "", password = ""] = /Operator\s+(\S+), password (\S+)/.exec(said) ?? [];
  const stop = async () => {
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGINT");
    await ended;
    remove(data);
  };
  const url = new URL(JSON.parse(readFileSync(join(data, "running.json"), "utf8")).url);
  url.hostname = apex;
  return { url: url.origin, operator: { email, password }, stop };
}

/** The databases lie elsewhere where their server may not enter the folder. */
function remove(data: string) {
  const note = join(data, "cluster-path");
  for (const folder of existsSync(note) ? [readFileSync(note, "utf8"), data] : [data])
    rmSync(folder, { recursive: true, force: true });
}

/** The program that was built last. */
function program(): string {
  const target = process.env.CARGO_TARGET_DIR ?? join(root, "target");
  const all = [
    process.env.NEXUS_BIN,
    join(target, "debug/nexus"),
    join(target, "local/nexus"),
    join(target, "release/nexus"),
  ];
  const found = all.find((path) => path && existsSync(path));
  if (!found) throw new Error("the program is not built: make run, or name it in NEXUS_BIN");
  return found;
}

/** What it said until it serves. */
function ready(child: ChildProcess, data: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = "";
    const listen = (piece: Buffer) => {
      said += piece.toString();
      if (said.includes("Quick start") && existsSync(join(data, "running.json"))) resolve(said);
    };
    child.stdout?.on("data", listen);
    child.stderr?.on("data", listen);
    child.once("exit", (code) => reject(new Error(`nexus dev ended with ${code}:\n${said}`)));
  });
}

/** Below the ports of outgoing connections, one of which would else hold it before the program does, and below those that the program chooses itself. */
const PORTS = { from: 15_000, count: 5_000 };

export async function freePort(): Promise<number> {
  const port = PORTS.from + randomInt(PORTS.count);
  return (await isFree(port)) ? port : freePort();
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
