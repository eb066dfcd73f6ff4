/** A product: its variants, where it lies, what it is. */
import { useTranslation } from "react-i18next";
import { PermissionGate } from "@/app/access";
import { Facts, Moment, Section, Tag } from "@/ui";
import { useCategories } from "../categories/useCategories";
import { LevelsPart } from "../inventory/LevelsPart";
import { ProductFrame } from "./ProductFrame";
import { VariantsPart } from "./VariantsPart";
import type { Product } from "./variants";

export function ProductPage() {
  return (
    <ProductFrame>
      {(product) => (
        <div className="grid grid-cols-1 items-start gap-5 lg:grid-cols-[minmax(0,2fr)_minmax(0,1fr)]">
          <div className="grid min-w-0 grid-cols-1 gap-5">
            <VariantsPart product={product} />
            {product.kind === "stocked" && (
              <PermissionGate permission="inventory.read">
                <LevelsPart productId={product.id} />
              </PermissionGate>
            )}
          </div>
          <Details product={product} />
        </div>
      )}
    </ProductFrame>
  );
}

function Details({ product }: { product: Product }) {
  const { t } = useTranslation("products");
  const { byId } = useCategories();
  const category = product.category_id ? byId.get(product.category_id) : undefined;
  const facts = [
    category && {
      label: t("category"),
      value: <span className="person-text">{category.path.join(" › ")}</span>,
    },
    product.brand ? { label: t("brand"), value: <span className="person-text">{product.brand}</span> } : undefined,
    { label: t("kind"), value: t(`kinds.${product.kind}`, { defaultValue: product.kind }) },
    { label: t("unit"), value: product.unit },
    { label: t("created_at"), value: <Moment at={product.created_at} /> },
    { label: t("updated_at"), value: <Moment at={product.updated_at} /> },
  ];
  return (
    <Section title={t("details")}>
      {product.description && (
        <p dir="auto" className="person-text mb-4 whitespace-pre-line">
          {product.description}
        </p>
      )}
      <Facts facts={facts} />
      {product.tags.length > 0 && (
        <ul aria-label={t("tags")} className="mt-4 flex flex-wrap gap-1.5">
          {product.tags.map((tag) => (
            <li key={tag}>
              <Tag>{tag}</Tag>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}
