/** The data of a run: a built-in set out of its files, or what the person has given along with the config. */
import { loadData } from "../data/load.ts";
import { loadOwnText, OWN_ID } from "../data/own.ts";
import { loadOwnImages, OWN_IMAGES_ID } from "../data/own-images.ts";
import type { LoadedData, ReadFile } from "../data/types.ts";
import type { RunConfig } from "../run/config.ts";
import type { GivenData } from "../run/messages.ts";

/** `tell`: files read, of so many that have been asked for by then. */
export async function runData(
  config: RunConfig,
  given: GivenData,
  read: ReadFile,
  tell: (done: number, total: number) => void,
): Promise<LoadedData> {
  const { id, name } = config.data;
  if (id === OWN_ID || id === OWN_IMAGES_ID) {
    const missing = `This run was made with the file ${name}.`;
    if (id === OWN_IMAGES_ID) {
      if (given.images === undefined) throw new Error(missing);
      return loadOwnImages(given.images);
    }
    if (given.text === undefined) throw new Error(missing);
    return loadOwnText(given.text, config.context);
  }
  let asked = 0;
  let done = 0;
  tell(0, 1);
  const counted: ReadFile = async (file) => {
    asked++;
    const bytes = await read(file);
    done++;
    // The last file is not the end: it has to be unpacked.
    tell(Math.min(done, asked - 0.5), asked);
    return bytes;
  };
  const data = await loadData(config.data, config.context, counted);
  tell(1, 1);
  return data;
}
