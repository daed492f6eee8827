/** What no config holds, for whoever starts a run: one's own text or images, from this visit or this browser. */
import type { RunConfig } from "../../run/config.ts";
import type { GivenData } from "../../run/messages.ts";
import { OWN_IMAGES_ID } from "../../run/own-images.ts";
import { imagesOf } from "./own-images.ts";
import { ownTextOf } from "./own-text.ts";
import { setRun } from "./store.ts";

/** Null: it is not in this browser, and the drop zone now asks for it. {}: the config needs nothing. */
export async function ownDataOf(config: RunConfig, retry: () => void): Promise<GivenData | null> {
  if (config.data.id !== OWN_IMAGES_ID) return ownTextOf(config, retry);
  const hash = String(config.data.sha256);
  const images = await imagesOf(hash);
  if (images !== null) return { images };
  const name = String(config.data.name);
  setRun({ missingText: { kind: "images", name, sha256: hash, retry }, playSoon: false });
  return null;
}
