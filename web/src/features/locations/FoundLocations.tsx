/** Places that a search finds, in one list. */
import { useTranslation } from "react-i18next";
import { Button, ErrorPanel, NoMatch, Section, SkeletonText, useFocusAfterRemoval, useList } from "@/ui";
import type { LocationForm } from "./LocationDrawer";
import { LocationMenu } from "./LocationMenu";
import { LocationText } from "./LocationText";

interface Props {
  text: string;
  withArchived: boolean;
  onForm: (form: LocationForm) => void;
  onClear: () => void;
}

export function FoundLocations({ text, withArchived, onForm, onClear }: Props) {
  const { t } = useTranslation("locations");
  const list = useList({
    path: "/api/v1/locations",
    state: { q: text },
    fixed: { "type[ne]": "virtual", ...(withArchived ? {} : { status: "active" }) },
    batch: 100,
  });
  const rows = useFocusAfterRemoval<HTMLUListElement>(list.rows.map(({ id }) => id));
  if (list.problem) return <ErrorPanel error={list.problem} onRetry={list.retry} />;
  if (list.isPending) return <SkeletonText lines={5} />;
  if (list.rows.length === 0) return <NoMatch onClear={onClear} />;
  return (
    <Section flush>
      <ul ref={rows} className="divide-y divide-separator" aria-label={t("title")}>
        {list.rows.map((location) => (
          <li key={location.id} data-row={location.id} className="flex min-h-11 items-center gap-2 ps-4 pe-2">
            <div className="min-w-0 flex-1 py-2">
              <LocationText location={location} />
            </div>
            <LocationMenu location={location} onForm={onForm} />
          </li>
        ))}
      </ul>
      {list.hasMore && (
        <div className="flex justify-center p-3">
          <Button isPending={list.isLoadingMore} onPress={list.loadMore}>
            {t("more")}
          </Button>
        </div>
      )}
    </Section>
  );
}
