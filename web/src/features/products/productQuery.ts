/** One product with its variants. */
import { queryOptions } from "@tanstack/react-query";
import { answer, api } from "@/api";

export const productQuery = (id: string) =>
  queryOptions({
    queryKey: ["/api/v1/products", id],
    queryFn: ({ signal }) => answer(api.GET("/api/v1/products/{id}", { params: { path: { id } }, signal })),
  });
