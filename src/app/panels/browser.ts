/**
 * Which browser this is and what would work on this very device: for the page that says what to do without WebGPU. Read
 * from the user agent, which is all there is; what it does not tell is not guessed.
 */
export interface BrowserInfo {
  /** "Firefox 140 on Android" */
  readonly name: string;
  readonly device: "phone" | "computer";
  /** What to do here, best first; **bold** marks names. */
  readonly steps: readonly string[];
}

const BROWSERS = [
  ["Edge", /Edg(?:e|A|iOS)?\/(\d+)/],
  ["Samsung Internet", /SamsungBrowser\/(\d+)/],
  ["Opera", /OPR\/(\d+)/],
  ["Firefox", /(?:Firefox|FxiOS)\/(\d+)/],
  ["Chrome", /(?:Chrome|CriOS)\/(\d+)/],
  ["Safari", /Version\/(\d+)[.\d]*.*Safari/],
] as const;

const SYSTEMS = [
  ["Android", /Android/],
  ["iOS", /iPhone|iPad|iPod/],
  ["Windows", /Windows/],
  ["ChromeOS", /CrOS/],
  ["macOS", /Mac OS X/],
  ["Linux", /Linux/],
] as const;

const COMPUTER =
  "Or open it on a computer: **Chrome** or **Edge**, **Firefox 141** on Windows, **Safari 26**.";

/** Chrome and Edge have WebGPU since 113 (Android since 121): a newer one without it has it switched off. */
function chromium(name: string, version: number, system: string): readonly string[] {
  const since = system === "Android" ? 121 : 113;
  if (version < since) return [`Update **${name}** to version ${since} or newer.`];
  if (system === "Linux") {
    return [
      `Switch on **Vulkan** and **Unsafe WebGPU Support** in ${name}'s flags page, then start it again.`,
      "Or open this page on Windows, macOS or Android, where nothing needs to be switched on.",
    ];
  }
  return [
    `Switch on **graphics acceleration** in ${name}'s settings, under System, then start it again.`,
    "Update the driver of the graphics chip: old ones are refused.",
  ];
}

export function browserInfo(agent: string): BrowserInfo {
  const found = BROWSERS.map(([name, pattern]) => ({ name, match: pattern.exec(agent) })).find(
    ({ match }) => match,
  );
  const system = SYSTEMS.find(([, pattern]) => pattern.test(agent))?.[0] ?? "this system";
  const version = Number(found?.match?.[1] ?? 0);
  const browser = found?.name ?? "This browser";
  const name = `${browser}${version > 0 ? ` ${version}` : ""} on ${system}`;
  const device = system === "Android" || system === "iOS" ? "phone" : "computer";
  return { name, device, steps: stepsFor(browser, version, system) };
}

function stepsFor(browser: string, version: number, system: string): readonly string[] {
  // On iOS every browser is Safari underneath.
  if (system === "iOS") return ["Update to **iOS 26** or newer: WebGPU is on there.", COMPUTER];
  if (browser === "Firefox") {
    if (system === "Android")
      return ["Open this page in **Chrome 121** or newer, Android 12 or newer.", COMPUTER];
    if (system === "Windows")
      return ["Update **Firefox** to version 141 or newer.", "Or use **Chrome** or **Edge**, 113 or newer."];
    // Both settings tried in Firefox 153 and 159; releases up to 140 refuse whatever is set.
    if (system === "Linux" && version >= 153) {
      return [
        "Open **about:config**, set **dom.webgpu.enabled** to true, then start Firefox again.",
        "If it finds no GPU, set **gfx.webgpu.ignore-blocklist** to true too: Firefox turns some devices down.",
        "Or use **Chrome** or **Edge**, 113 or newer.",
      ];
    }
    return [
      "Open this page in **Chrome** or **Edge**, 113 or newer.",
      "Or try **Firefox Nightly**, where WebGPU is being finished for this system.",
    ];
  }
  if (browser === "Safari")
    return ["Update to **Safari 26** or newer.", "Or use **Chrome** or **Edge**, 113 or newer."];
  if (browser === "Chrome" || browser === "Edge" || browser === "Opera")
    return chromium(browser, version, system);
  if (system === "Android")
    return ["Open this page in **Chrome 121** or newer, Android 12 or newer.", COMPUTER];
  return ["Open this page in **Chrome** or **Edge**, 113 or newer."];
}
