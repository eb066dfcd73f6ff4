/** Sites and the places within them. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { PageGate, PermissionGate, useCan } from "@/app/access";
import { Optional } from "@/app/Optional";
import { Badge, Button, EmptyState, ErrorPanel, Page, SearchField, Section, SkeletonText, useGridState } from "@/ui";
import { type TreeNode, TreeView } from "@/ui/data/TreeView";
import { lazyPart } from "@/ui/lazy-part";
import { FoundLocations } from "./FoundLocations";
import type { Location } from "./find";
import type { LocationForm } from "./LocationDrawer";
import { LocationMenu } from "./LocationMenu";
import { LocationText } from "./LocationText";
import { type Branch, useLocationTree } from "./useLocationTree";

const LocationDrawer = lazyPart(async () => (await import("./LocationDrawer")).LocationDrawer);

export function LocationsPage() {
  return (
    <PageGate permission="locations.read">
      <Locations />
    </PageGate>
  );
}

function Locations() {
  const { t } = useTranslation("locations");
  const mayWrite = useCan()("locations.write");
  const [state, setState] = useGridState();
  const [expanded, setExpanded] = useState<ReadonlySet<string>>(new Set());
  const [form, setForm] = useState<LocationForm>();
  const withArchived = state.archived === "true";
  const tree = useLocationTree(expanded, withArchived);

  const nodesOf = (branch: Branch | undefined, id: string): TreeNode[] => [
    ...(branch?.locations.map(nodeOf) ?? [
      { id: `${id}:reading`, text: t("reading"), content: <span className="text-muted">{t("reading")}</span> },
    ]),
    ...(branch?.isCut
      ? [{ id: `${id}:more`, text: t("beyond"), content: <span className="text-muted">{t("beyond")}</span> }]
      : []),
  ];
  const nodeOf = (location: Location): TreeNode => {
    const branch = tree.branches.get(location.id);
    const isOpen = expanded.has(location.id);
    return {
      id: location.id,
      text: location.name,
      mayOpen: location.type !== "bin" && !(isOpen && branch?.locations.length === 0),
      children: isOpen ? nodesOf(branch, location.id) : [],
      content: <LocationText location={location} />,
      aside: <LocationMenu location={location} onForm={setForm} />,
    };
  };
  const add = (
    <PermissionGate permission="locations.write">
      <Button variant="primary" icon="plus" onPress={() => setForm({})}>
        {t("new_site")}
      </Button>
    </PermissionGate>
  );
  const { roots } = tree;
  return (
    <Page title={t("title")} description={t("text")} actions={add}>
      <div className="mb-3 flex flex-wrap items-center gap-2">
        <SearchField label={t("search")} value={state.q ?? ""} onChange={(q) => setState({ q })} />
        <label className="ms-1 inline-flex cursor-pointer items-center gap-2">
          <input
            type="checkbox"
            className="size-4 accent-accent"
            checked={withArchived}
            onChange={(event) => setState({ archived: event.target.checked ? "true" : undefined })}
          />
          {t("with_archived")}
        </label>
      </div>
      {state.q ? (
        <FoundLocations
          text={state.q}
          withArchived={withArchived}
          onForm={setForm}
          onClear={() => setState({ q: undefined })}
        />
      ) : (
        <>
          {tree.problem && (
            <div className="mb-3">
              <ErrorPanel error={tree.problem} onRetry={tree.retry} compact />
            </div>
          )}
          {!roots && !tree.problem && <SkeletonText lines={6} />}
          {roots?.locations.length === 0 && (
            <EmptyState icon="warehouse" title={t("none")} actions={add}>
              {t("none_text")}
            </EmptyState>
          )}
          {roots && roots.locations.length > 0 && (
            <Section flush>
              <TreeView
                label={t("title")}
                nodes={nodesOf(roots, "roots")}
                expanded={expanded}
                onExpanded={setExpanded}
                onOpen={mayWrite ? (id) => !id.includes(":") && setForm({ id }) : undefined}
                expandLabel={t("expand")}
              />
            </Section>
          )}
        </>
      )}
      <p className="mt-4 text-muted">
        <Badge icon="info">{t("virtual")}</Badge> {t("virtual_text")}
      </p>
      {form && (
        <Optional onFault={() => setForm(undefined)}>
          <LocationDrawer
            key={form.id ?? `new:${form.parent?.id}`}
            form={form}
            onCreated={({ parent_id }) => parent_id && setExpanded((open) => new Set(open).add(parent_id))}
            onClose={() => setForm(undefined)}
          />
        </Optional>
      )}
    </Page>
  );
}
