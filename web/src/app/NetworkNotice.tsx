/** Says that this device is offline, or that answers are slow; nothing is lost, and it goes by itself. */
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState, useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import { Icon } from "@/ui/icons";
import { slowness } from "./slowness";

function subscribe(watcher: () => void) {
  addEventListener("online", watcher);
  addEventListener("offline", watcher);
  return () => {
    removeEventListener("online", watcher);
    removeEventListener("offline", watcher);
  };
}

export function NetworkNotice() {
  const { t } = useTranslation("app");
  const online = useSyncExternalStore(subscribe, () => navigator.onLine);
  const slow = useSlow();
  if (online && !slow) return null;
  return (
    <div
      role="status"
      className="fixed inset-x-0 bottom-4 z-(--z-index-toast) mx-auto flex w-fit max-w-[calc(100%-2rem)] items-center gap-2 rounded-full bg-warning-soft px-4 py-2 text-warning-soft-foreground shadow-overlay"
    >
      <Icon name={online ? "clock" : "cloud-off"} />
      {online ? t("network.slow") : t("network.offline")}
    </div>
  );
}

function useSlow(): boolean {
  const queries = useQueryClient();
  const [slow, setSlow] = useState(false);
  useEffect(() => {
    const isSlow = slowness(queries);
    const timer = setInterval(() => setSlow(isSlow(Date.now())), 1_000);
    return () => clearInterval(timer);
  }, [queries]);
  return slow;
}
