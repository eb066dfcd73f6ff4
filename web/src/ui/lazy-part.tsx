/** A part of a page that is read when it is first shown: drawers and dialogs with their forms. `<Optional>` goes around it. */
import { type ComponentType, type FunctionComponent, lazy } from "react";

export function lazyPart<P extends object>(read: () => Promise<ComponentType<P>>): FunctionComponent<P> {
  const begin = () =>
    lazy(async () => {
      try {
        return { default: (await read()) as ComponentType<object> };
      } catch (thrown) {
        // Shown again, it is read again: the network was away.
        Part = begin();
        throw thrown;
      }
    });
  let Part = begin();
  return (props) => <Part {...props} />;
}
