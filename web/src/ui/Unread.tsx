/** Stands where a choice would whose values could not be read: says so, and reads them again. */
import { useTranslation } from "react-i18next";
import { Button } from "./Button";

interface Props {
  what: string;
  query: { isFetching: boolean; refetch: () => unknown };
}

export function Unread({ what, query }: Props) {
  const { t } = useTranslation("ui");
  return (
    <Button
      size="sm"
      icon="refresh-cw"
      className="h-9 max-w-full"
      isPending={query.isFetching}
      onPress={() => void query.refetch()}
    >
      <span className="truncate text-danger">{t("error.unread", { what })}</span>
    </Button>
  );
}
