/** A page on its way. */
import { Skeleton } from "@/ui/Skeleton";

export function PagePending() {
  return (
    <div aria-busy="true" className="mx-auto w-full max-w-[90rem] px-4 py-6 sm:px-6 lg:px-8">
      <Skeleton className="h-8 w-56" />
      <Skeleton className="mt-6 h-64 w-full rounded-xl" />
    </div>
  );
}
