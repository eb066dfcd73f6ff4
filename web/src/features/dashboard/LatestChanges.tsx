/** What people changed last, by the audit log. */
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Section } from "@/ui";
import { ChangesTimeline } from "../changes/ChangesTimeline";
import { LATEST } from "./queries";

const NEWEST = {};

export function LatestChanges() {
  const { t } = useTranslation("dashboard");
  return (
    <Section
      title={t("changes.title")}
      actions={
        <Link to="/audit-logs" className="text-link hover:underline">
          {t("changes.all")}
        </Link>
      }
    >
      <ChangesTimeline state={NEWEST} most={LATEST} />
    </Section>
  );
}
