/** The arrival at an organization's host: takes the code from the address and goes on to the page that was asked for. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { asProblem } from "@/api";
import { AuthLayout } from "@/app/AuthLayout";
import { useSite } from "@/app/session";
import { ButtonAnchor } from "@/ui/Button";
import { ErrorPanel } from "@/ui/ErrorPanel";
import { enter, safePath, takeFragment } from "./hand-over";

/** Taken once for the life of the page, also where React mounts it twice. */
let taken: Promise<void> | undefined;

export function EnterPage() {
  const { t } = useTranslation("auth");
  const [words] = useState(takeFragment);
  const again = words.get("again") === "1";
  const arrival = useQuery({
    queryKey: ["enter"],
    queryFn: async () => {
      taken ??= enter(words.get("code") ?? "");
      await taken;
      if (again) window.close();
      else location.replace(safePath(words.get("next")));
      return true;
    },
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (arrival.isError) return <Refused problem={arrival.error} />;
  return (
    <AuthLayout title={arrival.data && again ? t("enter.done") : t("enter.title")}>
      <p role="status" className="text-muted">
        {arrival.data && again ? t("enter.close") : t("enter.wait")}
      </p>
    </AuthLayout>
  );
}

function Refused({ problem }: { problem: unknown }) {
  const { t } = useTranslation("auth");
  const here = useSite();
  const { status } = asProblem(problem);
  const to = `${here?.apexOrigin ?? ""}/log-in${here?.slug ? `?organization=${here.slug}` : ""}`;
  return (
    <AuthLayout title={status === 401 || status === 422 ? t("enter.expired") : t("enter.failed")}>
      <div className="grid gap-4">
        {status === 401 || status === 422 ? (
          <p className="text-muted">{t("enter.expired_text")}</p>
        ) : (
          <ErrorPanel error={problem} />
        )}
        <ButtonAnchor variant="primary" href={to} fullWidth>
          {t("log_in.title")}
        </ButtonAnchor>
      </div>
    </AuthLayout>
  );
}
