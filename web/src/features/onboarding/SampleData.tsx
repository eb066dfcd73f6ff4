/** Sample data: offered while there is nothing yet, and told of, with the way out, while they are there. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { answer, api, type Schema, useWrite } from "@/api";
import { useCan } from "@/app/access";
import { Button, Icon, SampleBadge, toast } from "@/ui";
import { onboardingQuery, sampleDataQuery } from "./queries";

export function SampleData() {
  const { t } = useTranslation("onboarding");
  const can = useCan();
  const isTheirs = can("sample_data.write");
  const sample = useQuery({ ...sampleDataQuery, enabled: isTheirs && can("products.read") }).data;
  const { data: onboarding } = useQuery({ ...onboardingQuery, enabled: isTheirs && can("settings.read") });
  const { load, remove } = useSampleData();
  if (!isTheirs || !sample) return null;

  const isNew = onboarding?.steps.some((step) => step.key === "products_added" && !step.done);
  if (!sample.loaded && (!isNew || onboarding?.dismissed)) return null;
  return (
    <section
      aria-label={t("sample.title")}
      className="flex flex-wrap items-center gap-x-4 gap-y-3 rounded-xl border border-border bg-surface-secondary px-4 py-3"
    >
      {sample.loaded ? <SampleBadge of={{ sample: true }} /> : <Icon name="sparkles" className="size-5 text-muted" />}
      <p className="min-w-0 flex-1 basis-64 text-pretty">
        {sample.loaded ? (
          t("sample.loaded", { count: sample.counts.products })
        ) : (
          <>
            <span className="font-medium">{t("sample.offer")}</span>{" "}
            <span className="text-muted">{t("sample.offer_text")}</span>
          </>
        )}
      </p>
      {sample.loaded ? (
        <Button size="sm" icon="trash-2" isPending={remove.isPending} onPress={() => remove.mutate()}>
          {t("sample.remove")}
        </Button>
      ) : (
        <Button size="sm" icon="package-open" isPending={load.isPending} onPress={() => load.mutate()}>
          {t("sample.load")}
        </Button>
      )}
    </section>
  );
}

function useSampleData() {
  const { t } = useTranslation("onboarding");
  const queries = useQueryClient();
  // They touch products, categories, locations, levels, movements: whatever is shown is read again.
  const readAgain = () => queries.invalidateQueries();
  const load = useWrite<void>({
    send: (_, { key }) => answer(api.POST("/api/v1/sample-data", { params: { header: { "Idempotency-Key": key } } })),
    onSuccess: async () => {
      await readAgain();
      toast.success(t("sample.is_loaded"));
    },
    onError: toast.problem,
  });
  const remove = useWrite<void, Schema<"SampleRemovalOut">>({
    send: async () => (await answer(api.DELETE("/api/v1/sample-data"))).data,
    onSuccess: async ({ kept }) => {
      await readAgain();
      const count = kept.products + kept.locations + kept.categories;
      toast.success(t("sample.is_removed"), {
        text: count > 0 ? t("sample.kept", { count }) : undefined,
        undo: () => load.mutateAsync(),
      });
    },
    onError: toast.problem,
  });
  return { load, remove };
}
