/** People, roles, keys: what the screens of the organization's settings show. */
import { call, type Founder, prove } from "../people";
import type { Samples } from "../routes";

export const samples: Samples = async (founder: Founder) => {
  await prove(founder);
  const { token, slug } = founder;
  const role = {
    key: "shift_lead",
    name: "Shift lead",
    description: "Runs a shift in the warehouse",
    allow: ["inventory.read", "inventory.adjust", "locations.read", "products.read"],
    deny: ["inventory.backdate"],
  };
  await call("POST", "/roles", { body: role, token, slug });
  for (const [name, roles] of [
    ["Grace Hopper", ["manager"]],
    ["ليلى حدّاد", ["viewer", "shift_lead"]],
  ] as const) {
    const body = { email: `${slug}-${roles[0]}@example.com`, display_name: name, roles };
    await call("POST", "/invitations", { body, token, slug });
  }
  const key = { name: "Web shop", scopes: ["products.read", "inventory.read"], expires_at: null };
  await call("POST", "/api-keys", { body: key, token, slug });
  const { user } = await call<{ user: { id: string } }>("GET", "/me", { token, slug });
  return { "/users/$userId": `/users/${user.id}` };
};
