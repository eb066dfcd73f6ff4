/** Keys as they are printed. */
interface Props {
  keys: string[];
  /** Pressed at once; otherwise one after the other. */
  together?: boolean;
}

export function Keys({ keys, together = false }: Props) {
  return (
    <span className="flex items-center gap-1 text-xs text-muted" dir="ltr">
      {keys.map((key, index) => (
        <span key={key} className="flex items-center gap-1">
          {together && index > 0 && "+"}
          <kbd className="min-w-5 rounded border border-border bg-surface-secondary px-1 text-center font-sans text-foreground">
            {key}
          </kbd>
        </span>
      ))}
    </span>
  );
}
