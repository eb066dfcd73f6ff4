/**
 * An operation with everything that is known of it, as it goes on: its stream tells that something happened, and then it is
 * read anew; without a stream it is asked for every few seconds.
 */
import { queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { answer, api, operationEvents } from "@/api";
import { isOver, isScheduled } from "./standing";

const OPERATIONS = "/api/v1/admin/operations";
const POLL_MS = 3_000;
/** Events come in bursts; they are read together. */
const GATHER_MS = 120;

export const inspectionQuery = (id: string) =>
  queryOptions({
    queryKey: [OPERATIONS, id],
    queryFn: async ({ signal }) =>
      (await answer(api.GET("/api/v1/admin/operations/{id}", { params: { path: { id } }, signal }))).data,
  });

export function useInspection(id: string) {
  const queries = useQueryClient();
  const inspection = useQuery({
    ...inspectionQuery(id),
    refetchInterval: ({ state }) => (state.data && !isOver(state.data) ? POLL_MS : false),
  });
  const operation = inspection.data;
  const isLive = operation !== undefined && !isOver(operation) && !isScheduled(operation);

  useEffect(() => {
    if (!isLive) return;
    const stop = new AbortController();
    let gathering: ReturnType<typeof setTimeout> | undefined;
    const readAnew = () => {
      gathering ??= setTimeout(() => {
        gathering = undefined;
        void queries.invalidateQueries({ queryKey: [OPERATIONS, id] });
      }, GATHER_MS);
    };
    follow(id, stop.signal, readAnew);
    return () => {
      stop.abort();
      clearTimeout(gathering);
    };
  }, [id, isLive, queries]);

  const state = operation?.state;
  const tenant = operation?.tenant.id;
  // With the operation its tenant changes, and so do the lists that show either.
  useEffect(() => {
    if (!state || !tenant) return;
    void queries.invalidateQueries({ queryKey: ["/api/v1/tenants"] });
    void queries.invalidateQueries({ queryKey: [OPERATIONS, "list"] });
  }, [state, tenant, queries]);
  return inspection;
}

async function follow(id: string, signal: AbortSignal, tell: () => void) {
  try {
    for await (const _ of (await operationEvents(id, { signal })) ?? []) tell();
  } catch {
    // Asking every few seconds goes on.
  }
}
