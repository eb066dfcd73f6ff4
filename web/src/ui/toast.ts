/**
 * Short notices at the edge of the page: what is told, and when it goes. `Toasts.tsx` shows them, and is read with the
 * first one. What can be taken back offers "Undo" instead of asking beforehand; problems stay until they are closed.
 */
import { UNSTABLE_ToastQueue as ToastQueue } from "react-aria-components/Toast";
import { asProblem } from "@/api";

export interface Notice {
  title: string;
  text?: string;
  tone?: "neutral" | "success" | "danger";
  /** Takes it back; offered for as long as the notice stands. */
  undo?: () => Promise<unknown> | unknown;
  /** Another thing to do: "Open", "Show". */
  action?: { label: string; run: () => void };
  /** A problem to tell; title and text come from it. */
  problem?: unknown;
}

export const queue = new ToastQueue<Notice>({ maxVisibleToasts: 4 });

export const toast = {
  /** Shows a notice; the key closes it. */
  show: (notice: Notice): string =>
    queue.add(notice, notice.tone === "danger" ? {} : { timeout: notice.undo ? 10_000 : 6_000 }),
  success: (title: string, more: Omit<Notice, "title" | "tone"> = {}): string =>
    toast.show({ title, tone: "success", ...more }),
  problem: (problem: unknown): string => queue.add({ title: asProblem(problem).message, tone: "danger", problem }),
  close: (key: string) => queue.close(key),
};
