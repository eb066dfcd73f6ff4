/** The currency of new amounts: the organization's, as far as one may see its settings. */
import { useQuery } from "@tanstack/react-query";
import { answer, api } from "@/api";
import { useCan } from "@/app/access";

export function useCurrency(known?: string | null): string {
  const can = useCan();
  const { data } = useQuery({
    queryKey: ["/api/v1/settings"],
    queryFn: ({ signal }) => answer(api.GET("/api/v1/settings", { signal })),
    enabled: !known && can("settings.read"),
    staleTime: 5 * 60_000,
  });
  return known ?? data?.data.currency ?? "EUR";
}
