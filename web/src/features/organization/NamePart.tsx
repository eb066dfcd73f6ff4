/** The name, which an owner changes, and the address, which stays. */
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import * as z from "zod/mini";
import { answer, api, type Schema } from "@/api";
import { zOrganizationPatch } from "@/api/zod.gen";
import { useMe } from "@/app/access";
import { Copyable, ErrorPanel, Facts, Form, Moment, Section, SkeletonText, StatusBadge, TextInput, toast } from "@/ui";
import { EditConflict } from "../editing/EditConflict";
import { useEditForm } from "../editing/useEditForm";

type Organization = Schema<"Envelope_OrganizationOut">["data"];
const zName = z.required(zOrganizationPatch);

export function NamePart() {
  const { t } = useTranslation("organization");
  const { id } = useMe().organization;
  const { data, error, refetch } = useQuery({
    queryKey: ["/api/v1/organizations", id],
    queryFn: ({ signal }) => answer(api.GET("/api/v1/organizations/{id}", { params: { path: { id } }, signal })),
  });
  return (
    <Section title={t("organization")}>
      {error && !data && <ErrorPanel error={error} onRetry={() => void refetch()} compact />}
      {!data && !error && <SkeletonText lines={4} />}
      {data && <Named organization={data.data} />}
    </Section>
  );
}

function Named({ organization }: { organization: Organization }) {
  const { t } = useTranslation("organization");
  return (
    <div className="grid gap-5">
      {organization.is_owner && <NameForm organization={organization} />}
      <Facts
        facts={[
          !organization.is_owner && {
            label: t("name"),
            value: <span className="person-text">{organization.name}</span>,
          },
          { label: t("address"), value: <Copyable text={location.origin} label={t("address")} /> },
          { label: t("state"), value: <StatusBadge status={organization.state} /> },
          { label: t("founded"), value: <Moment at={organization.created_at} exact /> },
          { label: t("id"), value: <Copyable text={organization.id} label={t("id")} isWrapped /> },
        ]}
      />
      {!organization.is_owner && <p className="text-xs text-muted">{t("owner_only")}</p>}
    </div>
  );
}

function NameForm({ organization }: { organization: Organization }) {
  const { t } = useTranslation("organization");
  const form = useEditForm<{ name: string }, { name: string }, Organization>({
    schema: zName,
    current: organization,
    toForm: ({ name }) => ({ name }),
    toBody: ({ name }) => ({ name }),
    invalidates: [["/api/v1/organizations"], ["me"], ["session"]],
    send: (patch, etag) =>
      answer(
        api.PATCH("/api/v1/organizations/{id}", {
          params: { path: { id: organization.id }, header: { "If-Match": etag } },
          body: patch as { name: string },
        }),
      ),
    onSuccess: () => void toast.success(t("saved")),
  });
  return (
    <Form form={form} submitLabel={t("save")} submit={{ isDisabled: !form.isDirty }}>
      <EditConflict conflict={form.conflict} label={() => t("name")} />
      <TextInput name="name" label={t("name")} maxLength={200} autoComplete="organization" isRequired />
    </Form>
  );
}
