/** The tree of places, read branch by branch as it is opened: there may be thousands. */
import { useQueries } from "@tanstack/react-query";
import { type ApiProblem, answer, api } from "@/api";
import type { Location } from "./find";

/** Of one branch; beyond it the search helps. */
const MOST = 1_000;

export interface Branch {
  locations: Location[];
  isCut: boolean;
}

async function readBranch(parentId: string | undefined, withArchived: boolean, signal: AbortSignal): Promise<Branch> {
  const locations: Location[] = [];
  const filters = {
    ...(parentId ? { parent_id: parentId } : { parent_id: "null", type: "site" }),
    ...(withArchived ? {} : { status: "active" }),
  };
  let cursor: string | undefined = "";
  do {
    const query: Record<string, string | number> = { ...filters, sort: "code", limit: 200, cursor };
    const part: Part = await answer(api.GET("/api/v1/locations", { params: { query }, signal }));
    locations.push(...part.data);
    cursor = part.metadata?.next_cursor ?? undefined;
  } while (cursor && locations.length < MOST);
  return { locations, isCut: cursor !== undefined };
}

interface Part {
  data: Location[];
  metadata?: { next_cursor?: string | null };
}

export interface LocationTree {
  roots: Branch | undefined;
  /** By the id of the place above; undefined while it is read. */
  branches: ReadonlyMap<string, Branch | undefined>;
  problem: ApiProblem | undefined;
  retry: () => void;
}

export function useLocationTree(open: ReadonlySet<string>, withArchived: boolean): LocationTree {
  const parents = [undefined, ...open];
  const read = useQueries({
    queries: parents.map((parent) => ({
      queryKey: ["/api/v1/locations", "branch", parent ?? "roots", withArchived],
      queryFn: ({ signal }: { signal: AbortSignal }) => readBranch(parent, withArchived, signal),
      staleTime: 30_000,
    })),
  });
  const [roots, ...below] = read;
  const branches = new Map([...open].map((id, index) => [id, below[index]?.data] as const));
  const failed = read.find(({ error }) => error);
  return {
    roots: roots?.data,
    branches,
    problem: (failed?.error as ApiProblem | null) ?? undefined,
    retry: () => void failed?.refetch(),
  };
}
