import { cleanup, fireEvent, type RenderHookResult, renderHook } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { turnSingleKeys } from "./single-keys";
import { useShortcuts } from "./useShortcuts";

vi.mock("@tanstack/react-router", async (original) => ({
  ...(await original<typeof import("@tanstack/react-router")>()),
  useRouter: () => ({}),
}));

const openPalette = vi.fn();
const openSheet = vi.fn();

describe("keys of the shell", () => {
  let hook: RenderHookResult<void, { isPaused: boolean }>;
  beforeEach(() => {
    vi.clearAllMocks();
    localStorage.clear();
    document.body.innerHTML = '<input data-shortcut="/">';
    hook = renderHook(
      ({ isPaused }) => useShortcuts({ area: "workspace", can: () => true, isPaused, openPalette, openSheet }),
      { initialProps: { isPaused: false as boolean } },
    );
  });
  afterEach(cleanup);

  it("open the sheet and go to the search", () => {
    fireEvent.keyDown(document.body, { key: "?", code: "Slash" });
    fireEvent.keyDown(document.body, { key: "/", code: "Slash" });
    expect(openSheet).toHaveBeenCalledOnce();
    expect(document.activeElement).toBe(document.querySelector("input"));
  });

  it("do nothing alone while something is open that they may be meant for", () => {
    hook.rerender({ isPaused: true });
    fireEvent.keyDown(document.body, { key: "?", code: "Slash" });
    expect(openSheet).not.toHaveBeenCalled();
    hook.rerender({ isPaused: false });
    fireEvent.keyDown(document.body, { key: "?", code: "Slash" });
    expect(openSheet).toHaveBeenCalledOnce();
  });

  it("do nothing alone once that is turned off, on this device, until it is turned on again", () => {
    turnSingleKeys(false);
    expect(localStorage.getItem("nexus.single_keys")).toBe("off");
    fireEvent.keyDown(document.body, { key: "?", code: "Slash" });
    fireEvent.keyDown(document.body, { key: "/", code: "Slash" });
    expect(openSheet).not.toHaveBeenCalled();
    expect(document.activeElement).toBe(document.body);
    fireEvent.keyDown(document.body, { key: "k", code: "KeyK", ctrlKey: true });
    expect(openPalette).toHaveBeenCalledOnce();
    turnSingleKeys(true);
    fireEvent.keyDown(document.body, { key: "?", code: "Slash" });
    expect(openSheet).toHaveBeenCalledOnce();
  });
});
