import { cleanup, fireEvent, renderHook } from "@testing-library/react";
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
  beforeEach(() => {
    vi.clearAllMocks();
    localStorage.clear();
    document.body.innerHTML = '<input data-shortcut="/">';
    renderHook(() => useShortcuts({ area: "workspace", can: () => true, openPalette, openSheet }));
  });
  afterEach(cleanup);

  it("open the sheet and go to the search", () => {
    fireEvent.keyDown(document.body, { key: "?", code: "Slash" });
    fireEvent.keyDown(document.body, { key: "/", code: "Slash" });
    expect(openSheet).toHaveBeenCalledOnce();
    expect(document.activeElement).toBe(document.querySelector("input"));
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
