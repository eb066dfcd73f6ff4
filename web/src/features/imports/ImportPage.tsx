/** A file becomes products or movements: chosen, its columns named, tried without writing, imported. */
import { useParams } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { PageGate, PermissionGate } from "@/app/access";
import { EmptyState, ErrorPanel, Page } from "@/ui";
import { CheckPart } from "./CheckPart";
import { ColumnsPart } from "./ColumnsPart";
import { FilePart } from "./FilePart";
import { type ImportKind, isImportKind, PERMISSIONS } from "./kinds";
import { ResultPart } from "./ResultPart";
import { Steps } from "./Steps";
import { useImport } from "./useImport";

const HOME = { products: "/products", "stock-movements": "/stock-movements" } as const;

export function ImportPage() {
  const { kind } = useParams({ from: "/workspace/imports/$kind" });
  // The route lets no other kind through.
  if (!isImportKind(kind)) return null;
  return (
    <PageGate permission={PERMISSIONS[kind]}>
      <PermissionGate feature="imports" fallback={<NotInPlan />}>
        <Wizard key={kind} kind={kind} />
      </PermissionGate>
    </PageGate>
  );
}

function NotInPlan() {
  const { t } = useTranslation("imports");
  return <EmptyState isPage icon="lock" title={t("not_in_plan")} />;
}

function Wizard({ kind }: { kind: ImportKind }) {
  const { t } = useTranslation("imports");
  const way = useImport(kind);
  const { step, source, checkId, jobId } = way;
  return (
    <Page title={t(`titles.${kind}`)} breadcrumbs={[{ label: t(`homes.${kind}`), link: { to: HOME[kind] } }]}>
      <Steps step={step} />
      {way.problem && (
        <div className="mb-5">
          <ErrorPanel error={way.problem} compact />
        </div>
      )}
      {step === "file" && <FilePart kind={kind} way={way} />}
      {step === "columns" && source && <ColumnsPart kind={kind} way={way} source={source} />}
      {step === "check" && checkId && <CheckPart way={way} jobId={checkId} />}
      {step === "import" && jobId && <ResultPart kind={kind} way={way} jobId={jobId} />}
    </Page>
  );
}
