/** What the log's actions, things and actors are called. */
import { useTranslation } from "react-i18next";
import { PersonName } from "../users/people";
import type { AuditEntry } from "./difference";

export const ACTIONS = [
  "products.create",
  "products.update",
  "products.archive",
  "products.restore",
  "products.delete",
  "products.upsert",
  "products.export",
  "variants.create",
  "variants.update",
  "variants.archive",
  "variants.restore",
  "variants.delete",
  "categories.create",
  "categories.update",
  "categories.delete",
  "tags.create",
  "tags.update",
  "tags.delete",
  "inventory.adjust",
  "inventory.transfer",
  "inventory.receive",
  "inventory.issue",
  "inventory.return",
  "inventory.scrap",
  "inventory.reverse",
  "inventory.import",
  "locations.create",
  "locations.update",
  "locations.archive",
  "locations.restore",
  "locations.delete",
  "imports.start",
  "jobs.cancel",
  "invitations.create",
  "invitations.resend",
  "invitations.revoke",
  "invitations.accept",
  "users.join",
  "users.assign_roles",
  "users.deactivate",
  "users.reactivate",
  "users.remove",
  "roles.create",
  "roles.update",
  "roles.delete",
  "api_keys.create",
  "api_keys.revoke",
  "settings.update",
  "saved_views.create",
  "saved_views.update",
  "saved_views.delete",
  "sample_data.load",
  "sample_data.remove",
] as const;

export const ENTITIES = [
  "product",
  "variant",
  "category",
  "tag",
  "location",
  "stock_posting",
  "import",
  "job",
  "user",
  "invitation",
  "role",
  "api_key",
  "settings",
  "saved_view",
  "sample_data",
] as const;

export const ACTOR_KINDS = ["user", "api_key", "operator", "system"] as const;

/** The log may know more than these lists: what is not named here is shown as it is. */
export function useAuditWords() {
  const { t } = useTranslation("audit-logs");
  const plain = (text: string) => text.replaceAll(/[._]/g, " ");
  return {
    actionName: (action: string) =>
      t(`actions.${action.replace(".", "_") as "products_create"}`, { defaultValue: plain(action) }),
    entityName: (type: string) => t(`entities.${type as "product"}`, { defaultValue: plain(type) }),
    actorKind: (kind: string) => t(`actors.${kind as "user"}`, { defaultValue: plain(kind) }),
    fieldName: (field: string) => t(`fields.${field as "name"}`, { defaultValue: plain(field) }),
  };
}

export function Actor({ entry: { actor_kind, actor_id } }: { entry: Pick<AuditEntry, "actor_kind" | "actor_id"> }) {
  const words = useAuditWords();
  if (actor_kind === "user" && actor_id) return <PersonName id={actor_id} />;
  return <span>{words.actorKind(actor_kind)}</span>;
}
