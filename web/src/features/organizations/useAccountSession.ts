/** The account logged in on the apex; without one, off to the log-in. */
import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { sessionState, site } from "@/api";
import { sessionQuery } from "@/app/session";

export function useAccountSession() {
  const session = useQuery(sessionQuery);
  const account = session.data?.account;
  const isElsewhere = session.data?.at_apex === false;
  const isNobody = (session.data && !account) || session.error?.status === 401;
  useEffect(() => {
    if (isElsewhere) void site().then(({ apexOrigin }) => location.replace(apexOrigin + here()));
    else if (isNobody) location.replace(`/log-in?next=${encodeURIComponent(here())}`);
  }, [isElsewhere, isNobody]);
  // From here on the end of the session is told on the page as it is, and not by sending to the log-in.
  const person = account?.id;
  useEffect(() => {
    if (person) sessionState.begin(person);
  }, [person]);
  return {
    account,
    memberships: account ? session.data?.memberships : undefined,
    problem: isNobody ? null : session.error,
    retry: () => void session.refetch(),
  };
}

function here(): string {
  return location.pathname + location.search;
}
