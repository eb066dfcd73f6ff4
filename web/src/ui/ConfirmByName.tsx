/** Asks before what can't be taken back: the name must be typed. For everything else there is "Undo". */
import { type FormEvent, type ReactNode, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "./Button";
import { Dialog } from "./Dialog";
import { ErrorPanel } from "./ErrorPanel";

interface Props {
  title: string;
  /** What will happen. */
  children: ReactNode;
  /** What must be typed. */
  name: string;
  confirmLabel: string;
  onConfirm: () => void;
  onClose: () => void;
  isPending?: boolean;
  error?: unknown;
}

export function ConfirmByName({ title, children, name, confirmLabel, onConfirm, onClose, isPending, error }: Props) {
  const { t } = useTranslation("ui");
  const id = useId();
  const [typed, setTyped] = useState("");
  const isMet = typed.trim().toLowerCase() === name.trim().toLowerCase();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isMet && !isPending) onConfirm();
  };
  return (
    <Dialog
      isOpen
      role="alertdialog"
      onClose={onClose}
      title={title}
      footer={
        <>
          <Button variant="ghost" onPress={onClose}>
            {t("form.cancel")}
          </Button>
          <Button type="submit" form={id} variant="danger" isDisabled={!isMet} isPending={isPending}>
            {confirmLabel}
          </Button>
        </>
      }
    >
      <form id={id} onSubmit={submit} className="grid gap-4">
        {error !== undefined && error !== null && <ErrorPanel error={error} compact />}
        <div className="text-pretty text-muted">{children}</div>
        <label className="textfield">
          <span className="label">{t("confirm.type", { name })}</span>
          <input
            className="input"
            dir="auto"
            autoComplete="off"
            spellCheck={false}
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
            autoFocus
          />
        </label>
      </form>
    </Dialog>
  );
}
