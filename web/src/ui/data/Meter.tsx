/** How much of something there is: steps done, places taken. The figures stand beside it. */
const TONES = { accent: "bg-accent", success: "bg-success", warning: "bg-warning", danger: "bg-danger" };

interface Props {
  label: string;
  value: number;
  max: number;
  tone?: keyof typeof TONES;
  /** Progress of something under way, not a level. */
  isProgress?: boolean;
}

export function Meter({ label, value, max, tone = "accent", isProgress = false }: Props) {
  const share = max > 0 ? Math.min(100, (100 * value) / max) : 0;
  const said = {
    role: isProgress ? "progressbar" : "meter",
    "aria-label": label,
    "aria-valuemin": 0,
    "aria-valuemax": max,
    "aria-valuenow": Math.min(value, max),
  };
  return (
    <div {...said} className="h-1.5 w-full overflow-hidden rounded-full bg-surface-tertiary">
      <div
        className={`h-full rounded-full transition-[width] duration-300 ${TONES[tone]}`}
        style={{ width: `${share}%` }}
      />
    </div>
  );
}
