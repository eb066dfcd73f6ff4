import { describe, expect, it } from "vitest";
import { logInsOf, type Session } from "./log-ins";

function session(id: string, last_used_at: string, more: Partial<Session> = {}): Session {
  return {
    id,
    client: {},
    created_at: "2026-01-15T09:00:00Z",
    expires_at: "2026-01-22T09:00:00Z",
    is_current: false,
    last_used_at,
    ...more,
  };
}

describe("log-ins", () => {
  const acme = { id: "a", name: "Acme", slug: "acme" };

  it("gather what was entered from them, and come with the present one first", () => {
    const all = logInsOf([
      session("phone", "2026-01-15T12:00:00Z"),
      session("desk", "2026-01-15T09:00:00Z", { is_current: true }),
      session("desk-acme", "2026-01-15T11:00:00Z", { parent_id: "desk", organization: acme }),
      session("desk-acme-2", "2026-01-15T10:00:00Z", { parent_id: "desk", organization: acme }),
    ]);
    expect(all.map(({ session: { id } }) => id)).toEqual(["desk", "phone"]);
    expect(all[0]).toMatchObject({ organizations: ["Acme"], lastUsedAt: "2026-01-15T11:00:00Z", isCurrent: true });
  });

  it("stand by themselves where what they came from has ended", () => {
    expect(logInsOf([session("left", "2026-01-15T09:00:00Z", { parent_id: "gone" })])).toHaveLength(1);
  });
});
