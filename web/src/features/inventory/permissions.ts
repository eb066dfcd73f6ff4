/** What a form that posts needs: its own right, and sight of the products and locations that are chosen in it. */
const posting = (own: string) => ["products.read", "locations.read", own] as const;

export const PERMISSIONS = {
  receive: posting("inventory.receive"),
  issue: posting("inventory.issue"),
  transfer: posting("inventory.transfer"),
  count: posting("inventory.adjust"),
};
