/** The frame of a product's pages: its name and state, what can be done with it, its parts. */
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { PageGate, PermissionGate, useCan } from "@/app/access";
import {
  Badge,
  ButtonLink,
  ErrorPanel,
  Menu,
  type MenuAction,
  Page,
  SampleBadge,
  Skeleton,
  SkeletonText,
  StatusBadge,
} from "@/ui";
import { PERMISSIONS } from "../inventory/permissions";
import { productQuery } from "./productQuery";
import { useProductActions } from "./useProductActions";
import type { Product } from "./variants";

export function ProductFrame({ children }: { children: (product: Product) => ReactNode }) {
  return (
    <PageGate permission="products.read">
      <Frame>{children}</Frame>
    </PageGate>
  );
}

function Frame({ children }: { children: (product: Product) => ReactNode }) {
  const { t } = useTranslation("products");
  const { id = "" } = useParams({ strict: false });
  const can = useCan();
  const { data, error, refetch } = useQuery(productQuery(id));
  const breadcrumbs = [{ label: t("title"), link: { to: "/products" as const } }];
  if (!data)
    return (
      <Page title={error ? t("product") : t("loading")} breadcrumbs={breadcrumbs}>
        {error ? (
          <ErrorPanel error={error} onRetry={() => void refetch()} />
        ) : (
          <div className="grid gap-5" aria-busy="true">
            <Skeleton className="h-8 w-64" />
            <SkeletonText lines={6} />
          </div>
        )}
      </Page>
    );
  const product = data.data;
  const params = { id };
  return (
    <Page
      title={product.name}
      mark={
        <>
          <StatusBadge status={product.status} />
          {product.kind !== "stocked" && <Badge>{t(`kinds.${product.kind}`, { defaultValue: product.kind })}</Badge>}
          <SampleBadge of={product} />
        </>
      }
      breadcrumbs={breadcrumbs}
      actions={<Actions product={product} />}
      tabs={[
        { label: t("overview"), link: { to: "/products/$id", params } },
        ...(can("inventory.read") && product.kind === "stocked"
          ? [{ label: t("movements"), link: { to: "/products/$id/movements" as const, params } }]
          : []),
        ...(can("audit_logs.read")
          ? [{ label: t("changes"), link: { to: "/products/$id/changes" as const, params } }]
          : []),
      ]}
    >
      {children(product)}
    </Page>
  );
}

function Actions({ product }: { product: Product }) {
  return (
    <>
      <PermissionGate permission={PERMISSIONS.receive}>
        <Receive product={product} />
      </PermissionGate>
      <PermissionGate permission="products.write">
        <Changes product={product} />
      </PermissionGate>
    </>
  );
}

function Receive({ product: { kind, status, variants } }: { product: Product }) {
  const { t } = useTranslation("products");
  const [first] = variants ?? [];
  if (kind !== "stocked" || status !== "active" || !first) return null;
  return (
    <ButtonLink to="/inventory/receive" search={{ sku: first.sku }} icon="package-plus">
      {t("receive")}
    </ButtonLink>
  );
}

function Changes({ product }: { product: Product }) {
  const { t } = useTranslation("products");
  const { change, remove, isPending } = useProductActions();
  const { status } = product;
  const further: MenuAction[] = [
    ...(status === "draft"
      ? [{ id: "offer", label: t("offer"), icon: "circle-check" as const, onAction: () => change(product, "active") }]
      : []),
    ...(status === "archived"
      ? [{ id: "restore", label: t("restore"), icon: "rotate-ccw" as const, onAction: () => change(product, "active") }]
      : [
          { id: "archive", label: t("archive"), icon: "archive" as const, onAction: () => change(product, "archived") },
        ]),
    {
      id: "delete",
      label: t("delete"),
      icon: "trash-2",
      isDanger: true,
      isDisabled: isPending,
      onAction: () => remove(product),
    },
  ];
  return (
    <>
      <ButtonLink to="/products/$id/edit" params={{ id: product.id }} icon="pencil">
        {t("edit")}
      </ButtonLink>
      <Menu label={t("more")} sections={[{ id: "further", actions: further }]} />
    </>
  );
}
