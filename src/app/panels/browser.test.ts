import { describe, expect, it } from "vitest";
import { browserInfo } from "./browser.ts";

describe("browserInfo", () => {
  const cases = [
    [
      "Mozilla/5.0 (Android 14; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0",
      "Firefox 140 on Android",
      "phone",
      "Chrome 121",
    ],
    [
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:138.0) Gecko/20100101 Firefox/138.0",
      "Firefox 138 on Windows",
      "computer",
      "141",
    ],
    [
      "Mozilla/5.0 (X11; Linux x86_64; rv:159.0) Gecko/20100101 Firefox/159.0",
      "Firefox 159 on Linux",
      "computer",
      "dom.webgpu.enabled",
    ],
    [
      "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
      "Firefox 140 on Linux",
      "computer",
      "Chrome",
    ],
    [
      "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36",
      "Chrome 130 on Linux",
      "computer",
      "Vulkan",
    ],
    [
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/110.0.0.0 Safari/537.36",
      "Chrome 110 on Windows",
      "computer",
      "version 113",
    ],
    [
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36 Edg/130.0.0.0",
      "Edge 130 on Windows",
      "computer",
      "graphics acceleration",
    ],
    [
      "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15",
      "Safari 17 on macOS",
      "computer",
      "Safari 26",
    ],
    [
      "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
      "Safari 17 on iOS",
      "phone",
      "iOS 26",
    ],
    ["something else", "This browser on this system", "computer", "Chrome"],
  ] as const;
  for (const [agent, name, device, says] of cases) {
    it(name, () => {
      const info = browserInfo(agent);
      expect(info.name).toBe(name);
      expect(info.device).toBe(device);
      expect(info.steps[0]).toContain(says);
    });
  }
});
