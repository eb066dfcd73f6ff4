/** Why a job failed, as the server says it. */
import { Icon } from "@/ui";
import type { Job } from "./job";

export function JobFault({ job }: { job: Job }) {
  if (!job.error) return null;
  return (
    <p role="alert" className="flex gap-2 rounded-lg bg-danger-soft p-3 text-danger-soft-foreground">
      <Icon name="circle-alert" className="mt-0.5 size-4" />
      <span className="min-w-0 break-words">{job.error}</span>
    </p>
  );
}
