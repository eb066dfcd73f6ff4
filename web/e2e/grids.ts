/** What is measured of grids: rows that are not there while somebody scrolls, and how soon an answer is on the page. */
import type { Locator, Page } from "playwright-core";

/**
 * Scrolls through the whole grid, thirty rows a step, faster than anybody reads; looks whether every line shows a row, in the
 * frame of the step (`late` counts the steps that were not ready by then) and in the one after it (`blank`).
 */
export function scrollThrough(grid: Locator) {
  return grid.evaluate(async (element) => {
    const blank: number[] = [];
    const took: number[] = [];
    const frame = () => new Promise(requestAnimationFrame);
    const empty = () => {
      const box = element.getBoundingClientRect();
      const lines: number[] = [];
      // A point in every row's height, below the header.
      for (let y = box.top + 60; y < box.bottom - 4; y += 44) {
        const hit = document.elementFromPoint(box.left + 200, y)?.closest('[role="row"]');
        if (!hit || hit.querySelector(".skeleton")) lines.push(Math.round(element.scrollTop + y));
      }
      return lines;
    };
    let late = 0;
    let still = 0;
    while (still < 40) {
      const from = element.scrollTop;
      const before = performance.now();
      element.scrollTop += 1_500;
      await frame();
      if (empty().length > 0) late += 1;
      await frame();
      blank.push(...empty());
      took.push(performance.now() - before);
      // At the end of what is read so far, more may be on its way.
      still = element.scrollTop === from ? still + 1 : 0;
    }
    took.sort((a, b) => a - b);
    return {
      blank,
      late: `${late} of ${took.length}`,
      middle: Math.round(took[took.length >> 1] ?? 0),
      longest: Math.round(took.at(-1) ?? 0),
      height: element.scrollHeight,
    };
  });
}

/**
 * Milliseconds from the last byte of the answer (the list at `path`) until other rows are painted, after `act`; without a
 * path from the act itself, for rows that are on the page already.
 */
export async function paintedAfter(page: Page, act: () => Promise<unknown>, path?: string): Promise<number> {
  await page.evaluate(() => {
    performance.clearResourceTimings();
    const rows = () => document.querySelector('[role="grid"]')?.textContent;
    const before = rows();
    const measured = globalThis as { begun?: number; painted?: Promise<number> };
    for (const type of ["pointerdown", "keydown", "input"])
      addEventListener(type, () => (measured.begun ??= performance.now()), { capture: true, once: true });
    measured.painted = new Promise((resolve) => {
      const look = () => {
        if (rows() === before || rows() === undefined) return requestAnimationFrame(look);
        // The next task after the frame: what was changed in it is painted.
        requestAnimationFrame(() => setTimeout(() => resolve(performance.now())));
      };
      look();
    });
  });
  await act();
  return page.evaluate(async (listed) => {
    const measured = globalThis as { begun?: number; painted?: Promise<number> };
    const painted = (await measured.painted) ?? Number.NaN;
    const begun = measured.begun ?? Number.NaN;
    delete measured.begun;
    if (!listed) return painted - begun;
    const answers = performance.getEntriesByType("resource") as PerformanceResourceTiming[];
    const answer = answers.filter(({ name }) => new URL(name).pathname === listed && name.includes("cursor="));
    return painted - (answer.at(-1)?.responseEnd ?? Number.NaN);
  }, path);
}
