/** Tags by their names: products carry names, not ids. */
import { answer, api } from "@/api";
import type { Option } from "@/ui";

export async function findTags(text: string, signal: AbortSignal): Promise<Option[]> {
  const query = { q: text || undefined, limit: 50, sort: "name" };
  const { data } = await answer(api.GET("/api/v1/tags", { params: { query }, signal }));
  return data.map(({ name }) => ({ id: name, label: name }));
}
