/** The popover at a part stands beside it, inside the window, and never over it. */
import { expect, it } from "vitest";
import { besides, WIDTH } from "./popover-place.ts";

const room = { width: 1440, height: 900 };
const part = (left: number, top: number, width = 120, height = 80) => ({
  ...{ left, top },
  ...{ right: left + width, bottom: top + height },
});

it("stands over or under a part where there is more room", () => {
  const over = besides(part(10, 500, 1420, 28), 2000, room);
  expect(over.top + over.maxHeight).toBeLessThanOrEqual(500);
  expect(besides(part(10, 60, 1420, 28), 2000, room).top).toBeGreaterThanOrEqual(88);
});

it.each([
  ["in the middle", part(600, 300)],
  ["at the right edge", part(1300, 820)],
  ["at the left edge", part(2, 10)],
  ["across the whole width", part(10, 500, 1420, 28)],
  ["across it near the top", part(10, 60, 1420, 28)],
  ["with a little room at either side", part(200, 300, 1100, 80)],
])("%s", (_, of) => {
  for (const height of [120, 480, 2000]) {
    const { left, top, maxHeight } = besides(of, height, room);
    const tall = Math.min(height, maxHeight);
    expect(left).toBeGreaterThanOrEqual(8);
    expect(left + WIDTH).toBeLessThanOrEqual(room.width - 8);
    expect(top).toBeGreaterThanOrEqual(8);
    expect(top + tall).toBeLessThanOrEqual(room.height - 8);
    const apart = left >= of.right || left + WIDTH <= of.left || top >= of.bottom || top + tall <= of.top;
    expect(apart, JSON.stringify({ left, top, tall })).toBe(true);
  }
});
