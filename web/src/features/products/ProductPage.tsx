/** A product: its variants, where it lies, what it is. */
import { useTranslation } from "react-i18next";
import { PermissionGate } from "@/app/access";
import { Moment, Section, Tag } from "@/ui";
import { useCategories } from "../categories/useCategories";
import { LevelsPart } from "../inventory/LevelsPart";
import { ProductFrame } from "./ProductFrame";
import { VariantsPart } from "./VariantsPart";
import type { Product } from "./variants";

export function ProductPage() {
  return (
    <ProductFrame>
      {(product) => (
        <div className="grid items-start gap-5 lg:grid-cols-[minmax(0,2fr)_minmax(0,1fr)]">
          <div className="grid min-w-0 gap-5">
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
  const rows = [
    { term: t("category"), value: category && <span className="person-text">{category.path.join(" › ")}</span> },
    { term: t("brand"), value: product.brand && <span className="person-text">{product.brand}</span> },
    { term: t("kind"), value: t(`kinds.${product.kind}`, { defaultValue: product.kind }) },
    { term: t("unit"), value: product.unit },
    { term: t("created_at"), value: <Moment at={product.created_at} /> },
    { term: t("updated_at"), value: <Moment at={product.updated_at} /> },
  ];
  return (
    <Section title={t("details")}>
      {product.description && <p className="person-text mb-4 whitespace-pre-line">{product.description}</p>}
      <dl className="grid gap-2.5">
        {rows.map(({ term, value }) => (
          <div key={term} className="flex justify-between gap-4">
            <dt className="text-muted">{term}</dt>
            <dd className="min-w-0 text-end break-words">{value || <span className="text-muted">–</span>}</dd>
          </div>
        ))}
      </dl>
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
