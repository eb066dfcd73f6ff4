/** The newest rows of the ledger. */
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { EmptyState, SkeletonText, Timeline } from "@/ui";
import { useMovementEntries } from "../stock-movements/MovementLine";
import { Panel } from "./Panel";
import { latestMovementsQuery } from "./queries";
import { ReceiveLink } from "./ReceiveLink";

export function LatestMovements() {
  const { t } = useTranslation("dashboard");
  const entry = useMovementEntries();
  return (
    <Panel
      title={t("latest.title")}
      query={useQuery(latestMovementsQuery)}
      skeleton={<SkeletonText lines={8} />}
      more={{ label: t("latest.all"), link: { to: "/stock-movements" } }}
    >
      {(movements) =>
        movements.length === 0 ? (
          <EmptyState icon="history" title={t("latest.none")} actions={<ReceiveLink />}>
            {t("latest.none_text")}
          </EmptyState>
        ) : (
          <Timeline label={t("latest.title")} entries={movements.map((movement) => entry(movement))} />
        )
      }
    </Panel>
  );
}
