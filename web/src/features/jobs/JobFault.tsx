/** Why a job failed: its code in words of the language in use, what the server says of it, and what to do. */
import { useTranslation } from "react-i18next";
import { Icon } from "@/ui";
import { faultOf, type Job } from "./job";

export function JobFault({ job }: { job: Job }) {
  const { t, i18n } = useTranslation("errors");
  if (!job.error) return null;
  const { code, message } = faultOf(job.error);
  const known = code as "IMPORT_HAS_ERRORS";
  return (
    <div role="alert" className="flex gap-2 rounded-lg bg-danger-soft p-3 text-danger-soft-foreground">
      <Icon name="circle-alert" className="mt-0.5 size-4" />
      <div className="min-w-0">
        {i18n.exists(`errors:${known}`) && <p className="font-medium">{t(known)}</p>}
        <p className="break-words">
          <bdi>{message}</bdi> {code && <span className="code-text text-xs">{code}</span>}
        </p>
        {i18n.exists(`errors:${known}`) && <p className="mt-1">{t(`${known}_advice`)}</p>}
      </div>
    </div>
  );
}
