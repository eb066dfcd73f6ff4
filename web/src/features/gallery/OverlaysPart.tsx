/** What stands before the page. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Button, ConfirmByName, Dialog, Drawer, Menu, SkeletonText, toast } from "@/ui";
import { sampleProblem } from "./ShownPart";

export function OverlaysPart() {
  const { t } = useTranslation("gallery");
  const [open, setOpen] = useState<"dialog" | "drawer" | "confirm">();
  const close = () => setOpen(undefined);
  const footer = (
    <>
      <Button onPress={close}>{t("secondary")}</Button>
      <Button variant="primary" onPress={close}>
        {t("primary")}
      </Button>
    </>
  );
  return (
    <div className="flex flex-wrap gap-2">
      <Button onPress={() => setOpen("dialog")}>{t("open_dialog")}</Button>
      <Button onPress={() => setOpen("drawer")}>{t("open_drawer")}</Button>
      <Button onPress={() => setOpen("confirm")}>{t("open_confirm")}</Button>
      <Button onPress={() => toast.success(t("moved"))}>{t("show_toast")}</Button>
      <Button onPress={() => toast.success(t("moved"), { undo: () => toast.show({ title: t("secondary") }) })}>
        {t("show_undo")}
      </Button>
      <Button onPress={() => toast.problem(sampleProblem)}>{t("show_problem")}</Button>
      <Menu
        label={t("open_menu")}
        sections={[
          {
            id: "one",
            actions: [
              { id: "a", label: t("add"), icon: "plus" },
              { id: "b", label: t("danger"), icon: "trash-2", isDanger: true },
            ],
          },
        ]}
      />
      <Dialog
        isOpen={open === "dialog"}
        onClose={close}
        title={t("open_dialog")}
        description={t("name_hint")}
        footer={footer}
      >
        <SkeletonText />
      </Dialog>
      <Drawer isOpen={open === "drawer"} onClose={close} title={t("open_drawer")} footer={footer}>
        <SkeletonText lines={6} />
      </Drawer>
      {open === "confirm" && (
        <ConfirmByName
          title={t("danger")}
          name={t("product")}
          confirmLabel={t("danger")}
          onConfirm={close}
          onClose={close}
        >
          {t("goods_hint")}
        </ConfirmByName>
      )}
    </div>
  );
}
