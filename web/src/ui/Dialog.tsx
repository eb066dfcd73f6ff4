/**
 * What stands before the page: a dialog in its middle, a drawer at its end. Focus stays inside, Escape closes, focus goes
 * back to where it came from.
 */
import type { ReactNode } from "react";
import { Dialog as AriaDialog, Heading } from "react-aria-components/Dialog";
import { Modal, ModalOverlay } from "react-aria-components/Modal";
import { useTranslation } from "react-i18next";
import { IconButton } from "./IconButton";

interface Props {
  isOpen: boolean;
  onClose: () => void;
  title: string;
  description?: ReactNode;
  children?: ReactNode;
  /** Buttons, the main one last. Within a form, put the form around the dialog's children instead. */
  footer?: ReactNode;
  size?: "sm" | "md" | "lg" | "xl";
  /** Must be answered: no Escape, no click beside it. */
  isRequired?: boolean;
  role?: "dialog" | "alertdialog";
}

const WIDTH = { sm: "sm:max-w-sm", md: "sm:max-w-lg", lg: "sm:max-w-2xl", xl: "sm:max-w-4xl" };
const BACKDROP =
  "fixed inset-0 z-(--z-index-overlay) h-(--visual-viewport-height) bg-backdrop data-entering:animate-in data-entering:fade-in-0 data-exiting:animate-out data-exiting:fade-out-0 duration-150";

export function Dialog({ isOpen, onClose, size = "md", isRequired = false, ...content }: Props) {
  return (
    <ModalOverlay
      isOpen={isOpen}
      onOpenChange={(open) => open || onClose()}
      isDismissable={!isRequired}
      isKeyboardDismissDisabled={isRequired}
      className={`${BACKDROP} flex items-end justify-center sm:items-center sm:p-6`}
    >
      <Modal
        className={`flex max-h-[92%] w-full flex-col rounded-t-2xl bg-overlay shadow-overlay outline-none data-entering:animate-in data-entering:fade-in-0 data-entering:zoom-in-97 data-exiting:animate-out data-exiting:fade-out-0 duration-150 sm:max-h-full sm:rounded-2xl ${WIDTH[size]}`}
      >
        <Content isRequired={isRequired} {...content} />
      </Modal>
    </ModalOverlay>
  );
}

export function Drawer({
  isOpen,
  onClose,
  size = "md",
  isRequired = false,
  side = "end",
  ...content
}: Props & { side?: "start" | "end" }) {
  return (
    <ModalOverlay
      isOpen={isOpen}
      onOpenChange={(open) => open || onClose()}
      isDismissable={!isRequired}
      isKeyboardDismissDisabled={isRequired}
      className={`${BACKDROP} flex ${side === "end" ? "justify-end" : "justify-start"}`}
    >
      <Modal
        className={`flex h-full w-full flex-col bg-overlay shadow-overlay outline-none data-entering:animate-in data-entering:fade-in-0 data-exiting:animate-out data-exiting:fade-out-0 duration-200 ${WIDTH[size]}`}
      >
        <Content isRequired={isRequired} {...content} />
      </Modal>
    </ModalOverlay>
  );
}

function Content({
  title,
  description,
  children,
  footer,
  isRequired,
  role,
}: Omit<Props, "isOpen" | "onClose" | "size">) {
  const { t } = useTranslation("ui");
  return (
    <AriaDialog role={role} className="flex min-h-0 flex-1 flex-col outline-none">
      <header className="flex items-start gap-3 px-5 pt-5 pb-3 sm:px-6">
        <div className="min-w-0 flex-1">
          <Heading slot="title" className="text-lg font-semibold">
            {title}
          </Heading>
          {description && <p className="mt-0.5 text-pretty text-muted">{description}</p>}
        </div>
        {!isRequired && <IconButton icon="x" label={t("dialog.close")} slot="close" className="-me-1.5" />}
      </header>
      <div className="min-h-0 flex-1 scrollbar overflow-y-auto px-5 pb-5 sm:px-6">{children}</div>
      {footer && (
        <footer className="flex flex-wrap justify-end gap-2 border-t border-separator px-5 py-3.5 sm:px-6">
          {footer}
        </footer>
      )}
    </AriaDialog>
  );
}
