import { useSyncExternalStore } from "react";
import { sessionState } from "@/api";

export function useSessionState() {
  return useSyncExternalStore(sessionState.subscribe, sessionState.get);
}
