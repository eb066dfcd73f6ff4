/** No such page, or one that is not there any more. */
import { useTranslation } from "react-i18next";
import { ButtonAnchor } from "@/ui/Button";
import { EmptyState } from "@/ui/EmptyState";

export function NotFoundPage() {
  const { t } = useTranslation("app");
  return (
    <main className="flex min-h-[70dvh] items-center">
      <EmptyState
        isPage
        icon="map-pin"
        title={t("not_found.title")}
        actions={
          <ButtonAnchor variant="primary" href="/">
            {t("not_found.home")}
          </ButtonAnchor>
        }
      >
        {t("not_found.text")}
      </EmptyState>
    </main>
  );
}
