import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { mayOperator } from "./operator-rights";

const table = readFileSync("../tests/e2e/tests/operator_roles.txt", "utf8")
  .split("\n")
  .filter((line) => line && !line.startsWith("#"))
  .map((line) => line.split(/\s+/));
const { paths } = JSON.parse(readFileSync("../docs/openapi.json", "utf8")) as {
  paths: Record<string, Record<string, { operationId?: string; "x-permission"?: string | string[] }>>;
};
const operations = Object.values(paths).flatMap((path) => Object.values(path));

/** What an operation asks for. `edit_tenant` wants one of several, by what is edited. */
function allows(role: string, operation: string | undefined): boolean {
  const wanted = [operations.find((one) => one.operationId === operation)?.["x-permission"] ?? []].flat();
  const held = wanted.filter((permission) => mayOperator(role, permission));
  return operation === "edit_tenant" ? held.length > 0 : held.length === wanted.length;
}

describe("what the console shows to operators is what the server lets them do", () => {
  it.each(table)("%s", (operation, ...answers) => {
    const said = ["super_admin", "support", "billing"].map((role) => (allows(role, operation) ? "allow" : "deny"));
    expect(said).toEqual(answers);
  });

  it("shows everything to a role it does not know", () => {
    expect(mayOperator("auditor", "platform.tenants.delete")).toBe(true);
  });
});
