/** What posting needs, by its form. */
export const PERMISSIONS = {
  receive: "inventory.receive",
  issue: "inventory.issue",
  transfer: "inventory.transfer",
  count: "inventory.adjust",
} as const;
