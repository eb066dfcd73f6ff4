/** What lies of one article at one place. */
import { queryOptions } from "@tanstack/react-query";
import { answer, api } from "@/api";

export const levelAtQuery = (variantId: string, locationId: string) =>
  queryOptions({
    queryKey: ["/api/v1/inventory", "at", variantId, locationId],
    queryFn: async ({ signal }) => {
      const query = { variant_id: variantId, location_id: locationId, limit: 1 };
      const [level] = (await answer(api.GET("/api/v1/inventory", { params: { query }, signal }))).data;
      return { onHand: level?.on_hand ?? "0", available: level?.available ?? "0" };
    },
  });
