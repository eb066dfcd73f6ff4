/** A tree of things: arrows open and close, Enter opens a thing, letters find it by its name. What is below may come later. */
import type { ReactNode } from "react";
import { Button as AriaButton } from "react-aria-components/Button";
import { Collection } from "react-aria-components/Collection";
import { Tree, TreeItem, TreeItemContent } from "react-aria-components/Tree";
import { Icon } from "../icons";
import { useFocusAfterRemoval } from "../useFocusAfterRemoval";

export interface TreeNode {
  id: string;
  /** For typing ahead and for screen readers. */
  text: string;
  content: ReactNode;
  /** At the end of the row: a menu. */
  aside?: ReactNode;
  children?: TreeNode[];
  /** Something may be below it that was not read yet. */
  mayOpen?: boolean;
}

interface Props {
  label: string;
  nodes: TreeNode[];
  expanded: ReadonlySet<string>;
  onExpanded: (expanded: ReadonlySet<string>) => void;
  onOpen?: (id: string) => void;
  expandLabel: string;
}

export function TreeView({ label, nodes, expanded, onExpanded, onOpen, expandLabel }: Props) {
  const tree = useFocusAfterRemoval<HTMLDivElement>(idsOf(nodes));
  const row = (node: TreeNode): ReactNode => (
    <TreeItem
      id={node.id}
      data-row={node.id}
      textValue={node.text}
      hasChildItems={node.mayOpen || (node.children?.length ?? 0) > 0}
      onAction={onOpen && (() => onOpen(node.id))}
      className={`group/row outline-none ${onOpen ? "cursor-pointer" : ""}`}
    >
      <TreeItemContent>
        {({ hasChildItems, isExpanded, level }) => (
          <div
            className="flex min-h-11 items-center gap-2 border-b border-separator pe-2 group-hover/row:bg-surface-secondary group-data-focus-visible/row:ring-2 group-data-focus-visible/row:ring-focus group-data-focus-visible/row:ring-inset"
            style={{ paddingInlineStart: `calc(${level - 1} * 1.5rem + 0.5rem)` }}
          >
            <AriaButton
              slot="chevron"
              aria-label={expandLabel}
              className={`inline-flex size-7 shrink-0 items-center justify-center rounded-md text-muted outline-none hover:text-foreground data-focus-visible:ring-2 data-focus-visible:ring-focus ${hasChildItems ? "" : "invisible"}`}
            >
              <Icon
                name="chevron-right"
                className={`size-4 transition-transform ${isExpanded ? "rotate-90 rtl:-rotate-90" : ""}`}
              />
            </AriaButton>
            <div className="min-w-0 flex-1 py-1.5">{node.content}</div>
            {node.aside}
          </div>
        )}
      </TreeItemContent>
      <Collection items={node.children ?? []}>{row}</Collection>
    </TreeItem>
  );
  return (
    <Tree
      ref={tree}
      aria-label={label}
      items={nodes}
      expandedKeys={expanded}
      onExpandedChange={(keys) => onExpanded(new Set([...keys].map(String)))}
      className="outline-none"
    >
      {row}
    </Tree>
  );
}

function idsOf(nodes: TreeNode[]): string[] {
  return nodes.flatMap((node) => [node.id, ...idsOf(node.children ?? [])]);
}
