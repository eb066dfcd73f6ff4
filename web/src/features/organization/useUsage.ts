/** How much of what a plan limits is in use, counted as the limits count it, as far as the person may see it. */
import { useQueries } from "@tanstack/react-query";
import { answer, api } from "@/api";
import { useCan } from "@/app/access";

const COUNTS = [
  {
    name: "users",
    permission: "users.read",
    count: async (signal: AbortSignal) =>
      (await answer(api.GET("/api/v1/users", { params: { query: { status: "active,invited", limit: 1 } }, signal })))
        .metadata.total,
  },
  {
    name: "products",
    permission: "products.read",
    count: async (signal: AbortSignal) =>
      (await answer(api.GET("/api/v1/products", { params: { query: { "status[ne]": "archived", limit: 1 } }, signal })))
        .metadata.total,
  },
  {
    name: "api_keys",
    permission: "api_keys.read",
    count: async (signal: AbortSignal) => {
      const query = { revoked_at: "null", limit: 200 };
      const { data } = await answer(api.GET("/api/v1/api-keys", { params: { query }, signal }));
      return data.filter(({ state }) => state === "active").length;
    },
  },
] as const;

export function useUsage() {
  const can = useCan();
  const seen = COUNTS.filter(({ permission }) => can(permission));
  const counts = useQueries({
    queries: seen.map(({ name, count }) => ({
      queryKey: [`/api/v1/${name.replace("_", "-")}`, "usage"],
      queryFn: ({ signal }: { signal: AbortSignal }) => count(signal),
    })),
  });
  const failed = counts.filter(({ isError }) => isError);
  return {
    usage: seen.map(({ name }, index) => ({ name, used: counts[index]?.data })),
    problem: failed[0]?.error,
    retry: () => {
      for (const count of failed) void count.refetch();
    },
  };
}
