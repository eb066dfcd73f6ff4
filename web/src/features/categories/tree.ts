/** The tree of categories as a list in its order, each with the names above it. */
import type { Schema } from "@/api";
import type { Option } from "@/ui";

export type CategoryNode = Schema<"CategoryNode">;

export interface PlacedCategory {
  id: string;
  name: string;
  /** Names from the root to itself. */
  path: string[];
  parentId: string | undefined;
  /** Of itself and everything below it: the products that lie there. */
  products: number;
}

export function placed(tree: CategoryNode[], above: string[] = [], parentId?: string): PlacedCategory[] {
  return tree.flatMap((node) => {
    const path = [...above, node.name];
    const below = placed(node.children, path, node.id);
    const products = node.product_count + sumOf(node.children);
    return [{ id: node.id, name: node.name, path, parentId, products }, ...below];
  });
}

function sumOf(nodes: CategoryNode[]): number {
  return nodes.reduce((sum, node) => sum + node.product_count + sumOf(node.children), 0);
}

/** The category itself and everything below it. */
export function within(tree: CategoryNode[], id: string): Set<string> {
  const ids = new Set<string>();
  const collect = (nodes: CategoryNode[], isInside: boolean) => {
    for (const node of nodes) {
      const inside = isInside || node.id === id;
      if (inside) ids.add(node.id);
      collect(node.children, inside);
    }
  };
  collect(tree, false);
  return ids;
}

const plain = (text: string) => text.normalize("NFKD").replaceAll(/\p{M}/gu, "").toLowerCase();

/** Those whose path has every word, the shortest path first. */
export function matches(all: PlacedCategory[], text: string, most = 50): PlacedCategory[] {
  const words = plain(text).split(/\s+/).filter(Boolean);
  const fitting = all.filter((one) => {
    const path = plain(one.path.join(" "));
    return words.every((word) => path.includes(word));
  });
  if (words.length > 0) fitting.sort((a, b) => a.path.length - b.path.length);
  return fitting.slice(0, most);
}

export function optionOf(category: PlacedCategory): Option {
  const above = category.path.slice(0, -1).join(" › ");
  return { id: category.id, label: category.name, detail: above || undefined };
}

/** Only what fits the words, with everything above it. */
export function pruned(tree: CategoryNode[], text: string): CategoryNode[] {
  const fitting = new Set(matches(placed(tree), text, Number.POSITIVE_INFINITY).map(({ id }) => id));
  const keep = (nodes: CategoryNode[]): CategoryNode[] =>
    nodes.flatMap((node) => {
      const children = keep(node.children);
      return fitting.has(node.id) || children.length > 0 ? [{ ...node, children }] : [];
    });
  return keep(tree);
}
