/** A part of a page that is read when it is first shown: drawers and dialogs with their forms. `<Optional>` goes around it. */
import { type ComponentType, lazy } from "react";

export function lazyPart<M extends Record<N, ComponentType<never>>, N extends string>(
  read: () => Promise<M>,
  name: N,
): M[N] {
  return lazy(async () => ({ default: (await read())[name] as ComponentType<object> })) as unknown as M[N];
}
