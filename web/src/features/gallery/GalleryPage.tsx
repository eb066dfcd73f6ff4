/** Shows every building block in its states; what changes them is looked at here, light and dark, in every language. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Optional } from "@/app/Optional";
import { changeTheme } from "@/app/theme";
import { changeLanguage, LANGUAGES, useFormats } from "@/i18n";
import { Button, Icon, IconButton, type IconName, Page, Section } from "@/ui";
import { lazyPart } from "@/ui/lazy-part";
import { OverlaysPart } from "./OverlaysPart";
import { DifferencePart, FiguresPart, MarksPart, StatesPart, TimelinePart } from "./ShownPart";

// The heavy parts come by themselves, as they do on the pages that use them.
const FieldsPart = lazyPart(async () => (await import("./FieldsPart")).FieldsPart);
const SchemaFormPart = lazyPart(async () => (await import("./FieldsPart")).SchemaFormPart);
const GridPart = lazyPart(async () => (await import("./GridPart")).GridPart);
const COLORS = [
  "bg-background",
  "bg-surface",
  "bg-surface-secondary",
  "bg-surface-tertiary",
  "bg-accent",
  "bg-accent-soft",
  "bg-success-soft",
  "bg-warning-soft",
  "bg-danger-soft",
  "bg-info-soft",
  "bg-brand-panel",
];
const ICONS: IconName[] = [
  "package",
  "warehouse",
  "truck",
  "barcode",
  "users",
  "history",
  "chart-line",
  "settings",
  "key-round",
  "building-2",
];

export function GalleryPage() {
  const { t } = useTranslation("gallery");
  return (
    <main>
      <Page
        title={t("title")}
        description={t("intro")}
        actions={
          <>
            {LANGUAGES.map(({ code, name }) => (
              <Button key={code} size="sm" onPress={() => void changeLanguage(code)}>
                {name}
              </Button>
            ))}
            <IconButton icon="sun" label="Light" variant="secondary" onPress={() => changeTheme("light")} />
            <IconButton icon="moon" label="Dark" variant="secondary" onPress={() => changeTheme("dark")} />
          </>
        }
      >
        <div className="grid grid-cols-1 gap-5 lg:grid-cols-2">
          <Section title={t("buttons")}>
            <Buttons />
          </Section>
          <Section title={t("marks")}>
            <MarksPart />
          </Section>
          <Section title={t("fields")}>
            <Optional>
              <FieldsPart />
            </Optional>
          </Section>
          <div className="grid content-start gap-5">
            <Section title={t("schema_form")}>
              <Optional>
                <SchemaFormPart />
              </Optional>
            </Section>
            <Section title={t("overlays")}>
              <OverlaysPart />
            </Section>
            <Section title={t("numbers")}>
              <Numbers />
            </Section>
          </div>
          <Section title={t("states")}>
            <StatesPart />
          </Section>
          <Section title={t("figures")}>
            <FiguresPart />
          </Section>
          <Section title={t("timeline")}>
            <TimelinePart />
          </Section>
          <Section title={t("difference")}>
            <DifferencePart />
          </Section>
          <div className="lg:col-span-2">
            <h2 className="mb-3 text-base font-semibold">{t("grid")}</h2>
            <Optional>
              <GridPart />
            </Optional>
          </div>
          <Section title={t("colors")}>
            <div className="grid grid-cols-2 gap-2 sm:grid-cols-3">
              {COLORS.map((color) => (
                <div key={color}>
                  <div className={`h-10 rounded-lg border border-border ${color}`} />
                  <span className="code-text text-xs text-muted">{color.slice(3)}</span>
                </div>
              ))}
            </div>
          </Section>
          <Section title={t("icons")}>
            <div className="flex flex-wrap gap-3">
              {ICONS.map((icon) => (
                <Icon key={icon} name={icon} className="size-6" />
              ))}
            </div>
          </Section>
        </div>
      </Page>
    </main>
  );
}

function Buttons() {
  const { t } = useTranslation("gallery");
  const [isPending, setPending] = useState(false);
  return (
    <div className="flex flex-wrap items-center gap-2">
      <Button
        variant="primary"
        icon="check"
        isPending={isPending}
        onPress={() => {
          setPending(true);
          setTimeout(() => setPending(false), 1_500);
        }}
      >
        {t("primary")}
      </Button>
      <Button>{t("secondary")}</Button>
      <Button variant="ghost">{t("ghost")}</Button>
      <Button variant="danger" icon="trash-2">
        {t("danger")}
      </Button>
      <Button variant="danger-soft">{t("danger")}</Button>
      <Button variant="primary" isPending>
        {t("pending")}
      </Button>
      <Button isDisabled>{t("disabled")}</Button>
      <Button size="sm" icon="plus">
        {t("add")}
      </Button>
      <IconButton icon="ellipsis" label={t("ghost")} />
    </div>
  );
}

function Numbers() {
  const formats = useFormats();
  const rows = [
    ["1234567.5", formats.decimal("1234567.500000")],
    ["-2.25", formats.delta("-2.25")],
    ["12.5 kg", formats.quantity("12.500000", "kg")],
    ["12.50 EUR", formats.money({ amount: "12.5", currency: "EUR" })],
    ["0.125", formats.percent(0.125)],
    ["2026-01-15T09:30:00Z", formats.dateTime("2026-01-15T09:30:00Z")],
    ["5242880", formats.bytes(5_242_880)],
  ];
  return (
    <dl className="grid gap-1">
      {rows.map(([raw, shown]) => (
        <div key={raw} className="flex justify-between gap-4">
          <dt className="code-text text-muted">{raw}</dt>
          <dd className="tabular">{shown}</dd>
        </div>
      ))}
    </dl>
  );
}
