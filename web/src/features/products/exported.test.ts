import { expect, it } from "vitest";
import { exportOf } from "./exported";

const status = ["draft", "active"];

it.each([
  [{}, { status }, "export"],
  [{ sort: "-name", status: "archived" }, { status: ["archived"] }, "export"],
  [{ category_id: "a" }, { status, category_id: "a" }, "export"],
  [{ category_id: "a,b" }, { status }, "export_by_status"],
  [{ q: "bean" }, { status }, "export_by_status"],
  [{ category_id: "a", tag: "new" }, { status, category_id: "a" }, "export_by_category"],
])("a list narrowed by %j is exported by %j", (state, body, label) => {
  expect(exportOf(state)).toEqual({ body, label });
});
