/** The frame of the forms that post stock. */
import { useTranslation } from "react-i18next";
import { PageGate } from "@/app/access";
import { Page } from "@/ui";
import { PostingForm } from "./PostingForm";
import { PERMISSIONS } from "./permissions";
import type { PostingKind } from "./posting";

export function PostingPage({ kind }: { kind: PostingKind }) {
  const { t } = useTranslation("inventory");
  return (
    <PageGate permission={PERMISSIONS[kind]}>
      <Page
        title={t(`titles.${kind}`)}
        description={t(`texts.${kind}`)}
        breadcrumbs={[{ label: t("title"), link: { to: "/inventory" } }]}
      >
        <PostingForm kind={kind} />
      </Page>
    </PageGate>
  );
}
