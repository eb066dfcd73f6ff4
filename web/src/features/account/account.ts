/** One's own account, and its picture. */
import { queryOptions } from "@tanstack/react-query";
import { answer, api, type Schema } from "@/api";

export type Account = Schema<"AccountOut">;

export const ACCOUNT_QUERIES = [["/api/v1/account"], ["session"]];

export const accountQuery = queryOptions({
  queryKey: ["/api/v1/account"],
  queryFn: async ({ signal }) => (await answer(api.GET("/api/v1/account", { signal }))).data,
});

/** The picture as it is kept; a change of the account may be one of it. */
export const pictureQuery = ({ avatar, version }: Account) =>
  queryOptions({
    queryKey: ["/api/v1/account", "avatar", version],
    queryFn: async ({ signal }) => {
      const sent = await api.GET("/api/v1/account/avatar", { signal, parseAs: "blob" });
      await answer(Promise.resolve({ response: sent.response, error: sent.error }));
      return sent.data as unknown as Blob;
    },
    enabled: Boolean(avatar),
    staleTime: Number.POSITIVE_INFINITY,
  });

export function setPicture(version: number, file: Blob) {
  return answer(
    api.PUT("/api/v1/account/avatar", {
      params: { header: { "If-Match": `"${version}"` } },
      headers: { "Content-Type": file.type },
      // The contract says that it is binary, its type that it is text.
      body: file as never,
      bodySerializer: (body) => body as never,
    }),
  );
}

export function removePicture(version: number) {
  return answer(api.DELETE("/api/v1/account/avatar", { params: { header: { "If-Match": `"${version}"` } } }));
}
