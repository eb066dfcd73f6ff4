/** A role of the organization's own that is made, or called otherwise. What it allows is set in the matrix. */
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { useFormContext, useWatch } from "react-hook-form";
import { useTranslation } from "react-i18next";
import * as z from "zod/mini";
import { answer, api, type Schema } from "@/api";
import { zRoleIn, zRoleReplacement } from "@/api/zod.gen";
import { Drawer, Form, SelectInput, TextAreaInput, TextInput, toast, useApiForm } from "@/ui";
import { EditConflict } from "../editing/EditConflict";
import { useEditForm } from "../editing/useEditForm";
import {
  type Grants,
  grantsBody,
  grantsOf,
  type Matrix,
  type MatrixRole,
  permissionsOf,
  ROLE_QUERIES,
  type RoleOut,
  roleKeyOf,
} from "./matrix";
import { useRoleWords } from "./words";

export interface RoleForm {
  /** Which one; a new one otherwise. */
  role?: MatrixRole;
  /** Key of the role that the new one begins as. */
  from?: string;
}

interface Props {
  form: RoleForm;
  matrix: Matrix;
  onClose: () => void;
}

export function RoleDrawer({ form, matrix, onClose }: Props) {
  const { t } = useTranslation("roles");
  return (
    <Drawer isOpen onClose={onClose} title={form.role ? t("edit") : t("new")}>
      {form.role ? (
        <EditRole role={form.role} onClose={onClose} />
      ) : (
        <NewRole matrix={matrix} from={form.from} onClose={onClose} />
      )}
    </Drawer>
  );
}

const zNewRole = z.extend(zRoleIn, { from: z.optional(z.string()) });

function NewRole({ matrix, from, onClose }: { matrix: Matrix; from: string | undefined; onClose: () => void }) {
  const { t } = useTranslation("roles");
  const words = useRoleWords();
  const navigate = useNavigate();
  const form = useApiForm<Schema<"RoleIn"> & { from?: string | undefined }, { data: RoleOut }>({
    schema: zNewRole,
    defaults: { name: "", key: "", description: "", from },
    codes: { ROLE_KEY_TAKEN: "key" },
    invalidates: ROLE_QUERIES,
    send: ({ from: origin, ...body }, { key }) =>
      answer(
        api.POST("/api/v1/roles", {
          params: { header: { "Idempotency-Key": key } },
          body: { ...body, ...(origin ? grantsBody(givable(matrix, origin)) : {}) },
        }),
      ),
    onSuccess: ({ data }) => {
      onClose();
      toast.success(t("created", { name: data.name }));
      return navigate({ to: "/roles/matrix", search: { role: data.key } });
    },
  });
  return (
    <Form form={form} submitLabel={t("create")} onCancel={onClose}>
      <TextInput name="name" label={t("name")} description={t("name_hint")} maxLength={100} autoFocus isRequired />
      <KeyField />
      <TextAreaInput name="description" label={t("description_field")} rows={3} isRequired={false} />
      <SelectInput
        name="from"
        label={t("from")}
        description={t("from_hint")}
        placeholder={t("from_nothing")}
        isRequired={false}
        choices={matrix.roles.map((role) => ({ id: role.key, label: words.roleName(role) }))}
      />
    </Form>
  );
}

/** What a role names, without what the person can't put into another. */
function givable(matrix: Matrix, roleKey: string): Grants {
  const free = new Set(permissionsOf(matrix).flatMap(({ key, is_grantable }) => (is_grantable ? [key] : [])));
  return Object.fromEntries(Object.entries(grantsOf(matrix, roleKey)).filter(([key]) => free.has(key)));
}

/** The stable key: follows the name until somebody types one. */
function KeyField() {
  const { t } = useTranslation("roles");
  const { setValue, formState } = useFormContext();
  const name = (useWatch({ name: "name" }) as string | undefined) ?? "";
  const key = (useWatch({ name: "key" }) as string | undefined) ?? "";
  const made = useRef("");
  useEffect(() => {
    if (key !== made.current) return;
    made.current = roleKeyOf(name);
    if (key !== made.current) setValue("key", made.current, { shouldValidate: formState.isSubmitted });
  }, [name, key, setValue, formState.isSubmitted]);
  return <TextInput name="key" label={t("key")} description={t("key_hint")} maxLength={63} isCode isRequired />;
}

type Called = Pick<MatrixRole, "name" | "description">;

function EditRole({ role, onClose }: { role: MatrixRole; onClose: () => void }) {
  const { t } = useTranslation("roles");
  const form = useEditForm<Schema<"RoleReplacement">, Called, Pick<RoleOut, "name" | "description" | "version">>({
    schema: zRoleReplacement,
    current: role,
    toForm: ({ name, description }) => ({ name, description }),
    toBody: ({ name, description }) => ({ name, description: description ?? "" }),
    invalidates: ROLE_QUERIES,
    send: (patch, etag) =>
      answer(
        api.PATCH("/api/v1/roles/{id}", {
          params: { path: { id: role.id }, header: { "If-Match": etag } },
          body: patch as Partial<Called>,
        }),
      ),
    onSuccess: ({ name }) => {
      toast.success(t("saved", { name }));
      onClose();
    },
  });
  return (
    <Form form={form} submitLabel={t("save")} onCancel={onClose}>
      <EditConflict
        conflict={form.conflict}
        label={(field) => (field === "name" ? t("name") : t("description_field"))}
      />
      <TextInput name="name" label={t("name")} maxLength={100} autoFocus isRequired />
      <TextAreaInput name="description" label={t("description_field")} rows={3} isRequired={false} />
    </Form>
  );
}
