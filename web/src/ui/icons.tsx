/**
 * Icons by name, for whoever names one in data (navigation, commands, statuses). The few that nearly every page needs are
 * here; the others are read once, on first use, and their place is kept until then. Pages that know their icon may import
 * it from lucide-react.
 */
import {
  Check,
  ChevronDown,
  ChevronRight,
  CircleAlert,
  CircleCheck,
  CircleX,
  Clock,
  CloudOff,
  Copy,
  Eye,
  EyeOff,
  Info,
  Loader,
  Minus,
  Plus,
  RefreshCw,
  Search,
  TriangleAlert,
  X,
} from "lucide-react";
import { lazy, Suspense } from "react";
import type { FurtherIcon } from "./icon-set";
import { untilRead } from "./until-read";

const near = {
  check: Check,
  "chevron-down": ChevronDown,
  "chevron-right": ChevronRight,
  "circle-alert": CircleAlert,
  "circle-check": CircleCheck,
  "circle-x": CircleX,
  clock: Clock,
  "cloud-off": CloudOff,
  copy: Copy,
  eye: Eye,
  "eye-off": EyeOff,
  info: Info,
  loader: Loader,
  minus: Minus,
  plus: Plus,
  "refresh-cw": RefreshCw,
  search: Search,
  "triangle-alert": TriangleAlert,
  x: X,
} as const;

export type IconName = keyof typeof near | FurtherIcon;

/** Without a network there are no further icons for now, and their places stay empty; nothing fails for want of a picture. */
const Further = lazy(async () => ({ default: (await untilRead(() => import("./icon-set"))).DrawnIcon }));

/** They point along the direction of reading, and turn round with it. */
const DIRECTED = new Set<IconName>([
  "arrow-left",
  "arrow-right",
  "chevron-right",
  "log-in",
  "log-out",
  "send",
  "undo-2",
]);

/** Decorative: the text beside it, or the label of its button, says what it means. */
export function Icon({ name, className = "size-4" }: { name: IconName; className?: string }) {
  return (
    <span
      aria-hidden="true"
      className={`inline-flex shrink-0 items-center justify-center ${DIRECTED.has(name) ? "mirror-rtl" : ""} ${className}`}
    >
      {isNear(name) ? (
        <Near name={name} />
      ) : (
        <Suspense fallback={null}>
          <Further name={name} />
        </Suspense>
      )}
    </span>
  );
}

function isNear(name: IconName): name is keyof typeof near {
  return name in near;
}

function Near({ name }: { name: keyof typeof near }) {
  const Drawn = near[name];
  return <Drawn className="size-full" strokeWidth={1.75} />;
}
