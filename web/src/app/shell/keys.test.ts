import { describe, expect, it } from "vitest";
import { keyOf } from "./keys";

describe("a key", () => {
  it.each([
    ["g", "KeyG", "g"],
    ["G", "KeyG", "g"],
    ["ل", "KeyG", "g"],
    ["ن", "KeyK", "k"],
    ["?", "Slash", "?"],
    ["؟", "Slash", "?"],
    ["ظ", "Slash", "/"],
    // A French keyboard has A where an English one has Q: what is printed on it counts.
    ["a", "KeyQ", "a"],
    ["Escape", "Escape", "Escape"],
  ])("%s (%s) means %s", (key, code, meant) => expect(keyOf({ key, code })).toBe(meant));
});
