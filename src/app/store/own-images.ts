/**
 * One's own images: read, fingerprinted and kept in this browser. A table is read as it is; a folder or a zip of pictures
 * holds a folder for each class. As with texts, a config names file and SHA-256 only, and a link never carries an image.
 */
import { MAX_NAME } from "../../run/limits.ts";
import {
  type Labelled,
  OWN_IMAGE_BYTES,
  OWN_IMAGES_ID,
  OWN_IMAGES_LIMIT,
  type OwnImages,
  ownImages,
  readImageCsv,
} from "../../run/own-images.ts";
import { withData } from "./draft.ts";
import { tellDataFull } from "./full.ts";
import { findImages, type KeptImages, keepImages, StorageFull, sha256 } from "./storage.ts";
import { getRun, setRun } from "./store.ts";

/** Images of this visit: they work even where the browser keeps nothing. */
const here = new Map<string, OwnImages>();

export async function imagesOf(hash: string): Promise<OwnImages | null> {
  const known = here.get(hash) ?? (await findImages(hash).catch(() => null));
  if (known) here.set(hash, known);
  return known;
}

export type TakenImages =
  | { readonly ok: true; readonly name: string }
  | { readonly ok: false; readonly message: string };

/** A file with the place it has in a folder or a zip: "digits/7/a.png". */
export interface Placed {
  readonly path: string;
  readonly bytes: () => Promise<Uint8Array<ArrayBuffer>>;
}

const isPicture = (path: string): boolean =>
  /\.(png|jpe?g|webp|gif|bmp)$/i.test(path) && !/(^|\/)(\.|__MACOSX)/.test(path);

/** One CSV, one zip, or the files of a folder. `tell`: pictures read so far. */
export async function takeImages(
  files: readonly Placed[],
  tell: (done: number, total: number) => void,
): Promise<TakenImages> {
  try {
    return await take(files, tell);
  } catch (error) {
    return { ok: false, message: error instanceof Error ? error.message : String(error) };
  }
}

async function take(
  files: readonly Placed[],
  tell: (done: number, total: number) => void,
): Promise<TakenImages> {
  const [first] = files;
  if (first === undefined) {
    throw new Error(
      "There is no file in it: a folder of images for each class is needed, a zip of them or a CSV.",
    );
  }
  const single = files.length === 1 ? first : null;
  // Control characters would be refused by the config's check; a name is only shown.
  const plain = (text: string) => text.replace(/\p{Cc}/gu, "").slice(0, MAX_NAME) || "images";
  const name = plain(single === null ? (first.path.split("/")[0] ?? "images") : first.path);
  const bytes = single === null ? null : await single.bytes();
  if (bytes !== null && bytes.length > OWN_IMAGE_BYTES) {
    throw new Error(
      `${name} has ${Math.ceil(bytes.length / 1e6)} MB; at most ${OWN_IMAGE_BYTES / 1e6} MB can be read.`,
    );
  }
  let images: OwnImages;
  let hash: string;
  if (bytes !== null && /\.csv$/i.test(name)) {
    images = readImageCsv(name, bytes);
    hash = await sha256(bytes);
  } else if (bytes !== null && /\.zip$/i.test(name)) {
    images = await decoded(name, await unzipped(name, bytes), tell);
    hash = await sha256(bytes);
  } else {
    images = await decoded(name, files, tell);
    hash = await folderHash(files);
  }
  const wanted = getRun().missingText;
  if (wanted !== null && wanted.sha256 !== hash) {
    throw new Error(`${name} is not the same as ${wanted.name}: its fingerprint differs.`);
  }
  here.set(hash, images);
  const kept: KeptImages = { sha256: hash, name, count: images.labels.length, at: Date.now() };
  // Where the browser has no room they work for this visit all the same.
  await keepImages(kept, images).catch((error: unknown) => {
    if (error instanceof StorageFull) tellDataFull(name);
  });
  if (wanted !== null) {
    setRun({ missingText: null });
    wanted.retry();
  } else adoptImages(hash, name);
  return { ok: true, name };
}

/** The draft's data are these images. */
export function adoptImages(hash: string, name: string): void {
  setRun(({ draft }) => ({ draft: withData(draft, { id: OWN_IMAGES_ID, name, sha256: hash }) }));
}

async function unzipped(name: string, bytes: Uint8Array): Promise<readonly Placed[]> {
  const { unzip } = await import("fflate");
  const entries = await new Promise<Record<string, Uint8Array>>((resolve, reject) => {
    unzip(bytes, { filter: (file) => isPicture(file.name) }, (error, files) => {
      if (error) reject(new Error(`${name} cannot be unpacked: ${error.message}.`));
      else resolve(files);
    });
  });
  return Object.entries(entries).map(([path, content]) => ({
    path,
    bytes: async () => new Uint8Array(content),
  }));
}

/** In the order of their paths, so that the same files give the same run whatever order they come in. */
const ordered = (files: readonly Placed[]): readonly Placed[] =>
  files.filter(({ path }) => isPicture(path)).sort((a, b) => (a.path < b.path ? -1 : 1));

async function decoded(
  name: string,
  files: readonly Placed[],
  tell: (done: number, total: number) => void,
): Promise<OwnImages> {
  const pictures = ordered(files);
  if (pictures.length > OWN_IMAGES_LIMIT) {
    throw new Error(
      `${name} has ${pictures.length.toLocaleString("en")} images; at most 60,000 can be read.`,
    );
  }
  const images: Labelled[] = [];
  for (const { path, bytes } of pictures) {
    const label = path.split("/").at(-2);
    if (label === undefined) continue;
    images.push({ label, picture: await decode(path, await bytes()) });
    if (images.length % 50 === 0) tell(images.length, pictures.length);
  }
  if (images.length === 0) {
    throw new Error(
      `${name} has no images in class folders: put the images of each class into a folder of its own.`,
    );
  }
  return ownImages(name, images);
}

/** Grey, on white where it is transparent. */
async function decode(path: string, bytes: Uint8Array<ArrayBuffer>): Promise<Labelled["picture"]> {
  let bitmap: ImageBitmap;
  try {
    bitmap = await createImageBitmap(new Blob([bytes]));
  } catch {
    throw new Error(`${path} cannot be read as an image.`);
  }
  const { width, height } = bitmap;
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d", { willReadFrequently: true })!;
  context.fillStyle = "#fff";
  context.fillRect(0, 0, width, height);
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  const { data } = context.getImageData(0, 0, width, height);
  const pixels = new Uint8Array(width * height);
  for (let i = 0; i < pixels.length; i++) {
    // ITU-R BT.601, as image libraries make grey.
    pixels[i] = Math.round(0.299 * data[4 * i]! + 0.587 * data[4 * i + 1]! + 0.114 * data[4 * i + 2]!);
  }
  return { width, height, pixels };
}

/** Of a folder: the SHA-256 of its pictures' paths and SHA-256s, in order; the folder's own name is not part of it. */
async function folderHash(files: readonly Placed[]): Promise<string> {
  const lines: string[] = [];
  for (const { path, bytes } of ordered(files)) {
    lines.push(`${path.split("/").slice(-2).join("/")} ${await sha256(await bytes())}`);
  }
  return sha256(new TextEncoder().encode(lines.sort().join("\n")));
}
