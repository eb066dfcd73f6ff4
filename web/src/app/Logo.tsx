/** The mark and the name. */
export function Logo({ className = "size-7", withName = true }: { className?: string; withName?: boolean }) {
  return (
    <span className="inline-flex items-center gap-2.5">
      <svg viewBox="0 0 32 32" className={className} aria-hidden="true">
        <rect width="32" height="32" rx="8" className="fill-brand-panel" />
        <path
          d="M9 23V9.6c0-.4.5-.6.8-.3l12.4 13.4c.3.3.8.1.8-.3V9"
          className="fill-none stroke-brand-panel-foreground"
          strokeWidth="3.1"
          strokeLinecap="round"
          strokeLinejoin="round"
        />
        <circle cx="9" cy="9" r="2.5" fill="#53c9c4" />
        <circle cx="23" cy="23" r="2.5" fill="#53c9c4" />
      </svg>
      {withName && <span className="text-lg font-semibold tracking-tight">Nexus</span>}
    </span>
  );
}
