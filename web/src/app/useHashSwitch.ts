/** Something on a page that has an address of its own behind `#`: a drawer that links and commands open, and "back" closes. */
import { useNavigate, useRouterState } from "@tanstack/react-router";
import { useCallback } from "react";

export function useHashSwitch(name: string): [isOn: boolean, turn: (on: boolean) => void] {
  const isOn = useRouterState({ select: (state) => state.location.hash === name });
  const navigate = useNavigate();
  const turn = useCallback(
    (on: boolean) =>
      void navigate({ to: ".", search: true as never, hash: on ? name : "", replace: !on, resetScroll: false }),
    [navigate, name],
  );
  return [isOn, turn];
}
