/** One row of the ledger with all it says, and the way to take it back. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { answer, api, useWrite } from "@/api";
import { useCan } from "@/app/access";
import { useFormats } from "@/i18n";
import { Badge, Button, Drawer, ErrorPanel, Moment, SkeletonText, toast } from "@/ui";
import { ActorName } from "./ActorName";
import { FromTo, MovedQuantity, ReasonBadge } from "./MovementLine";
import { isReversible, type Movement, reversePermission } from "./movement";
import { reverse } from "./undo";

interface Props {
  /** The row, or its id where it is not at hand. */
  movement: Movement | string;
  onOpen: (id: string) => void;
  onClose: () => void;
}

export function MovementDrawer({ movement, onOpen, onClose }: Props) {
  const { t } = useTranslation("stock-movements");
  const id = typeof movement === "string" ? movement : movement.id;
  const known = typeof movement === "string" ? undefined : movement;
  const { data, error, refetch } = useQuery({
    queryKey: ["/api/v1/stock-movements", id],
    queryFn: async ({ signal }) =>
      (await answer(api.GET("/api/v1/stock-movements/{id}", { params: { path: { id } }, signal }))).data,
    initialData: known,
    staleTime: 0,
  });
  return (
    <Drawer isOpen onClose={onClose} title={t("movement")} footer={data && <Footer movement={data} />}>
      {data ? (
        <Details movement={data} onOpen={onOpen} onClose={onClose} />
      ) : error ? (
        <ErrorPanel error={error} onRetry={() => void refetch()} />
      ) : (
        <SkeletonText lines={8} />
      )}
    </Drawer>
  );
}

function Details({ movement, onOpen, onClose }: Omit<Props, "movement"> & { movement: Movement }) {
  const { t } = useTranslation("stock-movements");
  const formats = useFormats();
  const can = useCan();
  const { reference } = movement;
  const after = (quantity: string | null | undefined, code: string) =>
    quantity && (
      <>
        {formats.quantity(quantity, movement.unit)} <span className="code-text text-muted">{code}</span>
      </>
    );
  const other = (id: string | null | undefined, text: string) =>
    id && (
      <button type="button" className="text-link underline" onClick={() => onOpen(id)}>
        {text}
      </button>
    );
  const rows: [string, ReactNode][] = [
    [
      t("product"),
      can("products.read") ? (
        <Link
          key="product"
          to="/products/$id"
          params={{ id: movement.product_id }}
          className="person-text text-link underline"
        >
          {movement.product_name}
        </Link>
      ) : (
        <span key="product" className="person-text">
          {movement.product_name}
        </span>
      ),
    ],
    [
      t("sku"),
      <span key="sku" className="code-text">
        {movement.sku}
      </span>,
    ],
    [t("from_to"), <FromTo key="from_to" movement={movement} />],
    [t("after_from"), after(movement.from_quantity_after, movement.from_location)],
    [t("after_to"), after(movement.to_quantity_after, movement.to_location)],
    [t("occurred_at"), <Moment key="occurred" at={movement.occurred_at} exact />],
    [t("recorded_at"), <Moment key="recorded" at={movement.recorded_at} exact />],
    [t("by"), <ActorName key="by" kind={movement.actor_kind} id={movement.actor_id} />],
    [
      t("reference"),
      reference && (
        <>
          {t(`references.${reference.type as "invoice"}`, { defaultValue: reference.type.replaceAll("_", " ") })}{" "}
          <span className="code-text">{reference.number}</span>
        </>
      ),
    ],
    [t("note"), movement.note && <span className="person-text">{movement.note}</span>],
    [
      t("backdating_reason"),
      movement.backdating_reason && <span className="person-text">{movement.backdating_reason}</span>,
    ],
    [t("import_line"), movement.import_line && formats.number(movement.import_line)],
    [t("reversed_by"), other(movement.reversed_by_id, t("show_reversal"))],
    [t("reverses"), other(movement.reverses_id, t("show_reversed"))],
    [
      t("posting"),
      <Link
        key="posting"
        to="/stock-movements"
        search={{ batch_id: movement.batch_id }}
        onClick={onClose}
        className="text-link underline"
      >
        {t("show_posting")}
      </Link>,
    ],
  ];
  return (
    <>
      <div className="mb-5 flex items-center justify-between gap-3 rounded-xl bg-surface-secondary p-4">
        <div className="flex flex-wrap gap-2">
          <ReasonBadge movement={movement} />
          {movement.reversed_by_id && <Badge tone="warning">{t("reversed")}</Badge>}
        </div>
        <span className="text-xl">
          <MovedQuantity movement={movement} />
        </span>
      </div>
      <dl className="grid gap-3">
        {rows.map(
          ([term, value]) =>
            value && (
              <div key={term} className="grid grid-cols-[8.5rem_minmax(0,1fr)] gap-3">
                <dt className="text-muted">{term}</dt>
                <dd className="min-w-0 break-words">{value}</dd>
              </div>
            ),
        )}
      </dl>
    </>
  );
}

function Footer({ movement }: { movement: Movement }) {
  const { t } = useTranslation("stock-movements");
  const can = useCan();
  const queries = useQueryClient();
  const undo = useWrite({
    send: (_: undefined, { key }) => reverse(queries, movement.id, "movement", key),
    onSuccess: () => toast.success(t("undone")),
    onError: toast.problem,
  });
  if (!isReversible(movement) || !can(reversePermission(movement))) return null;
  return (
    <>
      <p className="me-auto max-w-64 self-center text-xs text-pretty text-muted">{t("reverse_text")}</p>
      <Button icon="undo-2" isPending={undo.isPending} onPress={() => undo.mutate(undefined)}>
        {t("reverse")}
      </Button>
    </>
  );
}
