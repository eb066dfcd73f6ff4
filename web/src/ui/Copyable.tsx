/** A text that is meant for elsewhere: an identifier, a secret. One press takes it along. */
import { useTranslation } from "react-i18next";
import { IconButton } from "./IconButton";
import { toast } from "./toast";

export function Copyable({ text, label, isWrapped = false }: { text: string; label: string; isWrapped?: boolean }) {
  const { t } = useTranslation("ui");
  const copy = () =>
    navigator.clipboard.writeText(text).then(
      () => toast.show({ title: t("copy.copied") }),
      (thrown) => toast.problem(thrown),
    );
  return (
    <span className="inline-flex max-w-full items-center gap-1">
      <span className={`code-text min-w-0 select-all ${isWrapped ? "break-all" : "truncate"}`}>{text}</span>
      <IconButton icon="copy" label={t("copy.copy", { what: label })} onPress={() => void copy()} />
    </span>
  );
}
