/** Around levels that can be corrected: sends corrections, and shows those that met another change. */
import { createContext, type ReactNode, useContext, useEffect, useState } from "react";
import { Optional } from "@/app/Optional";
import { lazyPart } from "@/ui/lazy-part";
import type { StockConflict } from "./levels";
import { type Correction, useAdjust } from "./useAdjust";

const readForm = () => import("./CorrectForm");
const readDialog = () => import("./ConflictDialog");
export const CorrectForm = lazyPart(async () => (await readForm()).CorrectForm);
const ConflictDialog = lazyPart(async () => (await readDialog()).ConflictDialog);
const Adjust = createContext<(correction: Correction) => void>(() => undefined);

/** Corrects a level of the list around. */
export function useCorrect() {
  return useContext(Adjust);
}

/** Rows come and go while somebody scrolls: what became of their corrections is told here. */
export function Correcting({ children }: { children: ReactNode }) {
  const [conflicts, setConflicts] = useState<{ correction: Correction; conflict: StockConflict }[]>([]);
  const adjust = useAdjust((correction, conflict) => setConflicts((before) => [...before, { correction, conflict }]));
  // They are wanted soon, and perhaps when the network is away.
  useEffect(() => {
    void Promise.allSettled([readForm(), readDialog()]);
  }, []);
  const [first] = conflicts;
  const close = () => setConflicts(([_, ...others]) => others);
  return (
    <Adjust value={adjust}>
      {children}
      {first && (
        <Optional onFault={close}>
          <ConflictDialog
            {...first}
            onAgain={(correction) => {
              close();
              adjust(correction);
            }}
            onClose={close}
          />
        </Optional>
      )}
    </Adjust>
  );
}
