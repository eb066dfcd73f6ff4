import { act, cleanup, fireEvent, render, screen } from "@testing-library/react";
import { useState } from "react";
import { afterEach, describe, expect, it, vi } from "vitest";
import { useFocusAfterRemoval } from "./useFocusAfterRemoval";

afterEach(() => {
  vi.useRealTimers();
  cleanup();
});

function List({
  from,
  hasField = false,
  later,
}: {
  from: string[];
  hasField?: boolean;
  later?: (run: () => void) => void;
}) {
  const [keys, setKeys] = useState(from);
  const list = useFocusAfterRemoval<HTMLDivElement>(keys, (element) => element.querySelector("input"));
  const remove = (key: string) => {
    const run = () => setKeys((before) => before.filter((one) => one !== key));
    if (later) later(run);
    else run();
  };
  return (
    <main>
      <h1>Things</h1>
      <div ref={list}>
        {hasField && <input aria-label="Add" />}
        {keys.map((key) => (
          <p key={key} data-row={key} tabIndex={-1}>
            <button type="button">Open {key}</button>
            {key !== "fixed" && (
              <button type="button" onClick={() => remove(key)}>
                Remove {key}
              </button>
            )}
          </p>
        ))}
      </div>
      <button type="button">Elsewhere</button>
    </main>
  );
}

const press = (name: string) => {
  const button = screen.getByRole("button", { name });
  button.focus();
  fireEvent.click(button);
};
/** A list that takes a row away only when what is given back is called. */
const held = (from: string[]) => {
  let remove: () => void = () => undefined;
  render(
    <List
      from={from}
      later={(run) => {
        remove = run;
      }}
    />,
  );
  return () => act(remove);
};
const focused = () => document.activeElement?.textContent;

describe("after a row was taken away, the focus is", () => {
  it("at the same control of the next row where a menu had given it back to the row", () => {
    const remove = held(["a", "b"]);
    press("Remove a");
    screen.getByRole("button", { name: "Remove a" }).parentElement?.focus();
    remove();
    expect(focused()).toBe("Remove b");
  });

  it("at the same control of the next row, and of the one before after the last", () => {
    render(<List from={["a", "b", "c"]} />);
    press("Remove b");
    expect(focused()).toBe("Remove c");
    press("Remove c");
    expect(focused()).toBe("Remove a");
  });

  it("past rows that have no such control", () => {
    render(<List from={["a", "fixed", "c"]} />);
    press("Remove a");
    expect(focused()).toBe("Remove c");
  });

  it("at what adds one after the only row, or at the heading", () => {
    const { unmount } = render(<List from={["a"]} hasField />);
    press("Remove a");
    expect(document.activeElement).toBe(screen.getByLabelText("Add"));
    unmount();
    render(<List from={["a"]} />);
    press("Remove a");
    expect(focused()).toBe("Things");
  });

  it("where the person went in the meantime", () => {
    const remove = held(["a", "b"]);
    press("Remove a");
    screen.getByRole("button", { name: "Elsewhere" }).focus();
    remove();
    expect(focused()).toBe("Elsewhere");
  });

  it("there once the menu that took it away is closed", () => {
    vi.useFakeTimers();
    const remove = held(["a", "b"]);
    const menu = document.body.appendChild(document.createElement("div"));
    menu.setAttribute("role", "menu");
    menu.tabIndex = -1;
    press("Remove a");
    menu.focus();
    remove();
    expect(document.activeElement).toBe(menu);
    menu.remove();
    act(() => vi.advanceTimersByTime(50));
    expect(focused()).toBe("Remove b");
  });
});

function Grid() {
  const [keys, setKeys] = useState(["a", "b"]);
  const list = useFocusAfterRemoval<HTMLDivElement>(keys);
  return (
    <div ref={list}>
      {keys.map((key) => (
        <div key={key} data-row={key}>
          {["Name", "State"].map((name) => (
            // biome-ignore lint/a11y/useSemanticElements: as the grid's own
            <div key={name} role="gridcell" tabIndex={-1} onKeyDown={() => setKeys(["b"])}>
              {name} of {key}
            </div>
          ))}
        </div>
      ))}
    </div>
  );
}

it("a cell of a grid is followed by the same cell of the next row", () => {
  render(<Grid />);
  const cell = screen.getByText("State of a");
  cell.focus();
  fireEvent.keyDown(cell, { key: "Delete" });
  expect(focused()).toBe("State of b");
});
