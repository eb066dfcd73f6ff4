/** A part of the start: reads on its own and fails on its own, so that one refusal takes nothing else away. */
import type { UseQueryResult } from "@tanstack/react-query";
import { Link, type LinkProps } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { ErrorPanel, Section } from "@/ui";

interface Props<Data> {
  title: string;
  description?: ReactNode;
  /** Beside the title: choices for this part. */
  actions?: ReactNode;
  /** To the whole of it. */
  more?: { label: string; link: LinkProps };
  query: Pick<UseQueryResult<Data>, "data" | "error" | "refetch">;
  /** Its shape while it is being read. */
  skeleton: ReactNode;
  children: (data: Data) => ReactNode;
}

export function Panel<Data>({ title, description, actions, more, query, skeleton, children }: Props<Data>) {
  const { data, error, refetch } = query;
  return (
    <Section
      title={title}
      description={description}
      actions={
        <div className="flex flex-wrap items-center gap-3">
          {actions}
          {more && (
            <Link {...more.link} className="text-link hover:underline">
              {more.label}
            </Link>
          )}
        </div>
      }
    >
      {data !== undefined ? (
        children(data)
      ) : error ? (
        <ErrorPanel error={error} onRetry={() => void refetch()} compact />
      ) : (
        <div aria-busy="true">{skeleton}</div>
      )}
    </Section>
  );
}
