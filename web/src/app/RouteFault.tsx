/** A page that failed, on its own or for want of an answer: says so and can be tried again; the shell around it stays. */
import { type ErrorComponentProps, useRouter } from "@tanstack/react-router";
import { ErrorPanel } from "@/ui/ErrorPanel";

export function RouteFault({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  return (
    <main className="mx-auto w-full max-w-2xl px-4 py-10">
      <ErrorPanel
        isPage
        error={error}
        onRetry={() => {
          reset();
          void router.invalidate();
        }}
      />
    </main>
  );
}
