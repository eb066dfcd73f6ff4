/** The database servers with their room, whether they answer, and what is prepared for tenants to come. */
import { useTranslation } from "react-i18next";
import type { Schema } from "@/api";
import { useFormats } from "@/i18n";
import { Badge, Meter, Section, SkeletonText } from "@/ui";

type Server = Schema<"ServerOut">;

interface Props {
  servers: Server[] | undefined;
  pool: Schema<"WarmPoolOut"> | undefined;
}

/** From here on a server has little room left. */
const SCARCE = 0.9;

export function Servers({ servers, pool }: Props) {
  const { t } = useTranslation("overview");
  return (
    <Section title={t("servers")}>
      {!servers || !pool ? (
        <SkeletonText lines={4} />
      ) : (
        <div className="grid gap-5">
          {servers.length === 0 && <p className="text-muted">{t("no_servers")}</p>}
          {servers.map((server) => (
            <ServerRow key={server.name} server={server} />
          ))}
          <div className="grid gap-1.5 border-t border-separator pt-4">
            <div className="flex flex-wrap items-baseline justify-between gap-x-3">
              <span className="font-medium">{t("warm_pool")}</span>
              <span className="text-muted tabular">
                {t("warm_pool_ready", { ready: pool.ready, target: pool.target })}
              </span>
            </div>
            {pool.target > 0 && (
              <Meter
                label={t("warm_pool")}
                value={pool.ready}
                max={pool.target}
                tone={pool.ready < pool.target ? "warning" : "success"}
              />
            )}
            <p className="text-xs text-muted">
              {[
                pool.preparing > 0 && t("preparing", { count: pool.preparing }),
                pool.draining > 0 && t("draining", { count: pool.draining }),
              ]
                .filter(Boolean)
                .join(" · ") || t("warm_pool_text")}
            </p>
          </div>
        </div>
      )}
    </Section>
  );
}

function ServerRow({ server }: { server: Server }) {
  const { t } = useTranslation("overview");
  const formats = useFormats();
  const { name, state, tenants, max_tenants, is_reachable } = server;
  const isScarce = tenants >= max_tenants * SCARCE;
  return (
    <div className="grid gap-1.5">
      <div className="flex flex-wrap items-center justify-between gap-x-3 gap-y-1">
        <span className="flex flex-wrap items-center gap-2">
          <span className="code-text font-medium">{name}</span>
          {is_reachable === false ? (
            <Badge tone="danger">{t("unreachable")}</Badge>
          ) : (
            <Badge tone={state === "open" ? "success" : "warning"}>
              {t(`server_states.${state as "open"}`, { defaultValue: state })}
            </Badge>
          )}
        </span>
        <span className="text-muted tabular">
          {t("places", { taken: formats.number(tenants), all: formats.number(max_tenants) })}
        </span>
      </div>
      <Meter label={t("room", { name })} value={tenants} max={max_tenants} tone={isScarce ? "warning" : "accent"} />
    </div>
  );
}
