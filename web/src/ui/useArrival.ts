/**
 * Who goes from one page to another by a link stands at its title, so that it is read aloud and Tab goes on from there. The
 * first page of a visit begins at its top, as any page; a field that takes the focus by itself keeps it.
 */
import { type RefObject, useEffect } from "react";

let hasArrived = false;

export function useArrival(title: RefObject<HTMLElement | null>) {
  useEffect(() => {
    if (!hasArrived) {
      hasArrived = true;
      return;
    }
    // What was open before (a menu, the palette) gives the focus back first.
    const timer = setTimeout(() => {
      const main = title.current?.closest("main");
      const isWithin = main && document.activeElement !== main && main.contains(document.activeElement);
      if (!isWithin && !document.querySelector("[role=dialog], [role=alertdialog]"))
        title.current?.focus({ preventScroll: true });
    }, 60);
    return () => clearTimeout(timer);
  }, [title]);
}
