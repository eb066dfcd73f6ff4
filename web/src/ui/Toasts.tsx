/** Shows the notices of toast.ts. They wait while they are looked at or focused, and F6 reaches them. */
import { Suspense } from "react";
import { Text } from "react-aria-components/Text";
import {
  UNSTABLE_Toast as AriaToast,
  UNSTABLE_ToastContent as ToastContent,
  UNSTABLE_ToastRegion as ToastRegion,
} from "react-aria-components/Toast";
import { useTranslation } from "react-i18next";
import { asProblem } from "@/api";
import { Button } from "./Button";
import { Copyable } from "./Copyable";
import { IconButton } from "./IconButton";
import { Icon } from "./icons";
import { useProblemText } from "./problem-text";
import { type Notice, queue, toast } from "./toast";

export default function Toasts() {
  const { t } = useTranslation("ui");
  return (
    <ToastRegion
      queue={queue}
      aria-label={t("toast.region")}
      className="fixed inset-x-4 bottom-4 z-(--z-index-toast) flex flex-col-reverse items-center gap-2 outline-none sm:start-auto sm:end-6 sm:bottom-6 sm:w-96 sm:items-stretch"
    >
      {({ toast: shown }) => (
        <AriaToast
          toast={shown}
          className="flex w-full max-w-md animate-in items-start gap-3 rounded-xl bg-overlay p-3 ps-4 shadow-overlay outline-none slide-in-from-bottom-2 fade-in-0 focus-visible:ring-2 focus-visible:ring-focus"
        >
          <Suspense fallback={null}>
            <NoticeBody notice={shown.content} onClose={() => queue.close(shown.key)} />
          </Suspense>
        </AriaToast>
      )}
    </ToastRegion>
  );
}

function NoticeBody({ notice, onClose }: { notice: Notice; onClose: () => void }) {
  const { t } = useTranslation("ui");
  const problemText = useProblemText();
  const told = notice.problem ? problemText(notice.problem) : { title: notice.title, advice: notice.text };
  const problem = notice.problem === undefined ? undefined : asProblem(notice.problem);
  const { undo, action } = notice;
  return (
    <>
      {notice.tone === "success" && <Icon name="circle-check" className="mt-0.5 size-5 text-success" />}
      {notice.tone === "danger" && <Icon name="circle-alert" className="mt-0.5 size-5 text-danger" />}
      <ToastContent className="min-w-0 flex-1 py-0.5">
        <Text slot="title" className="block font-medium">
          {told.title}
        </Text>
        {told.advice && (
          <Text slot="description" className="block text-pretty text-muted">
            {told.advice}
          </Text>
        )}
        {problem && (
          <details className="mt-1 text-xs text-muted">
            <summary className="code-text cursor-pointer">{problem.code}</summary>
            {problem.requestId && <Copyable text={problem.requestId} label={t("error.request_id")} isWrapped />}
          </details>
        )}
      </ToastContent>
      {undo && (
        <Button
          size="sm"
          onPress={() => {
            onClose();
            Promise.resolve(undo()).catch(toast.problem);
          }}
        >
          {t("toast.undo")}
        </Button>
      )}
      {action && (
        <Button
          size="sm"
          onPress={() => {
            onClose();
            action.run();
          }}
        >
          {action.label}
        </Button>
      )}
      <IconButton icon="x" label={t("toast.close")} slot="close" />
    </>
  );
}
