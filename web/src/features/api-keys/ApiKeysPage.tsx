/** Keys by which programs enter the organization. */
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schema } from "@/api";
import { PageGate, useCan } from "@/app/access";
import { useHashSwitch } from "@/app/useHashSwitch";
import {
  Button,
  DataGrid,
  EmptyState,
  FilterMenu,
  type GridColumn,
  GridToolbar,
  Moment,
  Page,
  StatusBadge,
  useGridState,
  useList,
} from "@/ui";
import { PersonName } from "../users/people";
import { KeyDrawer } from "./KeyDrawer";
import { NewKeyDrawer } from "./NewKeyDrawer";
import { NEW_KEY } from "./permissions";
import { RevokeDialog } from "./RevokeDialog";

export type ApiKey = Schema<"ApiKeyOut">;

export function ApiKeysPage() {
  return (
    <PageGate permission="api_keys.read">
      <ApiKeys />
    </PageGate>
  );
}

function ApiKeys() {
  const { t } = useTranslation("api-keys");
  const can = useCan();
  const [state, setState] = useGridState();
  const [isNew, turnNew] = useHashSwitch("new");
  const [like, setLike] = useState<ApiKey>();
  const [open, setOpen] = useState<ApiKey>();
  const [revoking, setRevoking] = useState<ApiKey>();
  const list = useList({ path: "/api/v1/api-keys", state });
  const columns = useColumns();
  const mayWrite = can(NEW_KEY);
  const create = mayWrite && (
    <Button variant="primary" icon="plus" onPress={() => turnNew(true)}>
      {t("new")}
    </Button>
  );
  return (
    <Page fill title={t("title")} description={t("description")} actions={create}>
      <GridToolbar id="api-keys" columns={columns} defaultSort="-created_at" state={state} onState={setState}>
        <FilterMenu
          label={t("state")}
          isMultiple={false}
          choices={[{ id: "null", label: t("not_revoked") }]}
          value={state.revoked_at}
          onChange={(revoked_at) => setState({ revoked_at })}
        />
      </GridToolbar>
      <DataGrid
        id="api-keys"
        label={t("title")}
        list={list}
        columns={columns}
        rowId={({ id }) => id}
        state={state}
        onState={setState}
        defaultSort="-created_at"
        onOpen={setOpen}
        narrow={(key) => <Narrow apiKey={key} />}
        empty={
          <EmptyState icon="key-round" title={t("none")} actions={create}>
            {t("none_text")}
          </EmptyState>
        }
      />
      {open && !revoking && (
        <KeyDrawer
          apiKey={open}
          onClose={() => setOpen(undefined)}
          onRevoke={() => setRevoking(open)}
          onSucceed={() => {
            setLike(open);
            setOpen(undefined);
            turnNew(true);
          }}
        />
      )}
      {revoking && (
        <RevokeDialog
          apiKey={revoking}
          onClose={() => {
            setRevoking(undefined);
            setOpen(undefined);
          }}
        />
      )}
      {isNew && mayWrite && (
        <NewKeyDrawer
          like={like}
          onClose={() => {
            setLike(undefined);
            turnNew(false);
          }}
        />
      )}
    </Page>
  );
}

function useColumns() {
  const { t } = useTranslation("api-keys");
  return useMemo<GridColumn<ApiKey>[]>(
    () => [
      {
        id: "name",
        header: t("name"),
        sort: "name",
        width: 190,
        grows: true,
        isFixed: true,
        cell: ({ name }) => <span className="person-text font-medium">{name}</span>,
      },
      {
        id: "redacted_key",
        header: t("key"),
        width: 125,
        cell: ({ redacted_key }) => <span className="code-text">{redacted_key}</span>,
      },
      { id: "state", header: t("state"), width: 105, cell: ({ state }) => <StatusBadge status={state} /> },
      {
        id: "scopes",
        header: t("scopes"),
        width: 110,
        cell: ({ scopes }) => t("scope_count", { count: scopes.length }),
      },
      {
        id: "last_used_at",
        header: t("last_used_at"),
        sort: "last_used_at",
        width: 130,
        cell: ({ last_used_at }) => (last_used_at ? <Moment at={last_used_at} /> : <Never />),
      },
      {
        id: "expires_at",
        header: t("expires_at"),
        sort: "expires_at",
        width: 125,
        cell: ({ expires_at }) => (expires_at ? <Moment at={expires_at} /> : <Never />),
      },
      {
        id: "created_by",
        header: t("created_by"),
        width: 140,
        cell: ({ created_by }) => <PersonName id={created_by} />,
      },
      {
        id: "created_at",
        header: t("created_at"),
        sort: "created_at",
        width: 130,
        isHidden: true,
        cell: ({ created_at }) => <Moment at={created_at} />,
      },
      {
        id: "revoked_at",
        header: t("revoked_at"),
        sort: "revoked_at",
        width: 150,
        isHidden: true,
        cell: ({ revoked_at }) => revoked_at && <Moment at={revoked_at} />,
      },
    ],
    [t],
  );
}

function Never() {
  const { t } = useTranslation("api-keys");
  return <span className="text-muted">{t("never")}</span>;
}

function Narrow({ apiKey }: { apiKey: ApiKey }) {
  const { t } = useTranslation("api-keys");
  return (
    <span className="grid grid-cols-1 gap-1">
      <span className="flex items-center justify-between gap-2">
        <span className="person-text truncate font-medium">{apiKey.name}</span>
        <span className="shrink-0">
          <StatusBadge status={apiKey.state} />
        </span>
      </span>
      <span className="truncate text-xs text-muted">
        {t("last_used_at")}: {apiKey.last_used_at ? <Moment at={apiKey.last_used_at} /> : <Never />}
      </span>
    </span>
  );
}
