import { beforeEach, describe, expect, it } from "vitest";
import { type Visit, visits, watchVisits, withVisit } from "./recent";

const visit = (path: string) => ({ path, title: path });

describe("the pages looked at last", () => {
  beforeEach(() => {
    sessionStorage.clear();
    document.head.replaceChildren(document.createElement("title"));
  });

  it("are each there once, the newest first", () => {
    const all = ["/a", "/b", "/a"].reduce<Visit[]>((before, path) => withVisit(before, visit(path)), []);
    expect(all.map(({ path }) => path)).toEqual(["/a", "/b"]);
  });

  it("are no more than eight", () => {
    let all: Visit[] = [];
    for (let page = 0; page < 20; page += 1) all = withVisit(all, visit(`/${page}`));
    expect(all).toHaveLength(8);
  });

  it("are noted by their titles", async () => {
    const stop = watchVisits();
    document.title = "Products · Nexus";
    await new Promise((resolve) => setTimeout(resolve));
    stop();
    expect(visits()).toEqual([{ path: location.pathname, title: "Products" }]);
  });

  it("are none where something else was kept", () => {
    sessionStorage.setItem("nexus.recent", '{"path":1}');
    expect(visits()).toEqual([]);
  });
});
