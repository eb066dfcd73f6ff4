import { describe, expect, it } from "vitest";
import { isAllowed, navItems, readCommands } from "./registry";

describe("what features bring to the shell", () => {
  it("has keys that say one thing each, in every area", async () => {
    const { commands } = await readCommands();
    for (const area of ["workspace", "operator"] as const) {
      const keys = commands.filter((one) => one.keys && one.area !== other(area)).map((one) => one.keys?.join(" "));
      expect(keys.filter((key, index) => keys.indexOf(key) !== index)).toEqual([]);
    }
  });

  it("has keys of two letters, neither of which the shell uses itself", async () => {
    const { commands } = await readCommands();
    const odd = commands.filter(({ keys }) => keys && !(keys.length === 2 && keys.every((key) => /^[a-z]$/.test(key))));
    expect(odd.map(({ id }) => id)).toEqual([]);
  });

  it("names every command and every search once", async () => {
    const { commands, searches } = await readCommands();
    for (const ids of [commands, searches].map((all) => all.map(({ id, area }) => `${area} ${id}`)))
      expect(new Set(ids).size).toBe(ids.length);
  });

  it("offers a command to nobody who lacks a part of what its page asks for", async () => {
    const { commands } = await readCommands();
    const offered = (held: string[]) =>
      commands
        .filter((one) => isAllowed(one, "workspace", (permission) => held.includes(permission)))
        .map(({ id }) => id);
    expect(offered(["inventory.receive"])).not.toContain("inventory.receive");
    expect(offered(["inventory.receive", "products.read", "locations.read"])).toContain("inventory.receive");
    expect(offered(["api_keys.read", "api_keys.write"])).not.toContain("api-key-new");
    expect(offered(["users.read", "users.write"])).not.toContain("invite");
    expect(offered(["users.read", "users.write", "roles.read"])).toContain("invite");
  });

  it("has one entry of the sidebar for one address", () => {
    const addresses = navItems.map(({ area, to }) => `${area} ${to}`);
    expect(new Set(addresses).size).toBe(addresses.length);
  });
});

function other(area: "workspace" | "operator") {
  return area === "workspace" ? "operator" : "workspace";
}
