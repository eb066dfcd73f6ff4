/** The account logged in on the apex; without one, off to the log-in. */
import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { accountSessionQuery } from "@/app/session";

export function useAccountSession() {
  const session = useQuery(accountSessionQuery);
  const refused = session.error?.status === 401;
  useEffect(() => {
    if (refused) location.replace("/log-in");
  }, [refused]);
  return { session: session.data, problem: refused ? null : session.error, retry: () => void session.refetch() };
}
