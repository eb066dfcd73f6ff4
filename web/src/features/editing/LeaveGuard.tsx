/** Asks before a half-filled form is left: that is the one thing that can't be taken back. */
import { useBlocker } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Button, Dialog } from "@/ui";

export function LeaveGuard({ isDirty }: { isDirty: boolean }) {
  const { t } = useTranslation("editing");
  const blocker = useBlocker({
    shouldBlockFn: ({ current, next }) => isDirty && current.pathname !== next.pathname,
    enableBeforeUnload: () => isDirty,
    withResolver: true,
  });
  if (blocker.status !== "blocked") return null;
  return (
    <Dialog
      isOpen
      role="alertdialog"
      size="sm"
      onClose={blocker.reset}
      title={t("leave_title")}
      description={t("leave_text")}
      footer={
        <>
          <Button variant="danger-soft" onPress={blocker.proceed}>
            {t("leave")}
          </Button>
          <Button variant="primary" onPress={blocker.reset}>
            {t("stay")}
          </Button>
        </>
      }
    />
  );
}
