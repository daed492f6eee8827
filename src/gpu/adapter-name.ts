/**
 * What to call an adapter. Browsers tell little and each something else: Chrome gives "apple" and "metal-3" and keeps the
 * description to itself, Node gives "SwiftShader driver 5.0.0", and some give nothing at all.
 */
type Described = Pick<GPUAdapter, "info">;

/** Renderers that are programs, by a word in their description. */
const SOFTWARE: readonly (readonly [word: RegExp, name: string])[] = [
  [/swiftshader/i, "SwiftShader"],
  [/llvmpipe/i, "llvmpipe"],
  [/lavapipe/i, "lavapipe"],
  [/basic render/i, "Microsoft Basic Render"],
];

const VENDORS: Readonly<Record<string, string>> = {
  amd: "AMD",
  apple: "Apple",
  arm: "Arm",
  "img-tec": "Imagination",
  intel: "Intel",
  nvidia: "NVIDIA",
  qualcomm: "Qualcomm",
};

const words = ({ info }: Described): string =>
  [info.vendor, info.architecture, info.device, info.description].filter(Boolean).join(" ");

const renderer = (adapter: Described): string | undefined =>
  SOFTWARE.find(([word]) => word.test(words(adapter)))?.[1];

/** It computes on the processor: tiny presets are in order. */
export function isSoftware(adapter: Described): boolean {
  const older = adapter as { readonly isFallbackAdapter?: boolean };
  return (
    renderer(adapter) !== undefined || (adapter.info.isFallbackAdapter ?? older.isFallbackAdapter ?? false)
  );
}

export function adapterName(adapter: Described): string {
  const { vendor, architecture, description } = adapter.info;
  const program = renderer(adapter);
  if (program !== undefined) return `${program} (processor)`;
  const family = [
    VENDORS[vendor] ?? vendor,
    architecture ? architecture[0]!.toUpperCase() + architecture.slice(1) : "",
  ];
  const name = description || family.filter(Boolean).join(" ") || "GPU";
  return isSoftware(adapter) ? `${name} (processor)` : name;
}
