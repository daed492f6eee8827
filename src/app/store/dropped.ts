/** What files are that were let go on the page, and what becomes of them: said in a notice, since no drop zone is open. */
import { whole } from "../format.ts";
import { restart } from "./actions.ts";
import { openFile } from "./begin.ts";
import { type Placed, takeImages } from "./own-images.ts";
import { takeFile } from "./own-text.ts";
import { getRun, notify } from "./store.ts";

export type Kind = "weights" | "images" | "text";

/** By their names, and a table by its first word: a CSV may just as well be read a character at a time. */
export function kindOf(paths: readonly string[], begins: string): Kind {
  const [only = ""] = paths;
  if (paths.length === 1 && /\.safetensors$/i.test(only)) return "weights";
  if (paths.some((path) => /\.(zip|png|jpe?g|webp|gif|bmp)$/i.test(path))) return "images";
  if (paths.length === 1 && /\.csv$/i.test(only) && /^\s*"?label"?\s*,/i.test(begins)) return "images";
  // None: an empty folder, and what reads folders says so.
  return paths.length === 0 ? "images" : "text";
}

/** `first`: the first of them as the browser gave it. */
export async function takeDropped(files: readonly Placed[], first: File | null): Promise<void> {
  // A folder has no text to begin with.
  const begins =
    first === null
      ? ""
      : await first
          .slice(0, 64)
          .text()
          .catch(() => "");
  const kind = kindOf(
    files.map(({ path }) => path),
    begins,
  );
  if (kind === "weights" && first !== null) return openFile(first);
  const asked = getRun().missingText;
  if (kind === "text" && files.length > 1) {
    return say("Drop one text, or a folder that has a folder of images for each class.", true);
  }
  const taken =
    kind === "text" && first !== null
      ? await takeFile(first)
      : await takeImages(files, (done, total) =>
          say(`Reading the images: ${whole(done)} of ${whole(total)}.`),
        );
  if (!taken.ok) return say(taken.message, true);
  // What a link waited for begins by itself.
  if (asked !== null) return;
  const name = "name" in taken ? taken.name : taken.text.name;
  notify({
    id: DROPPED,
    tone: "plain",
    text: `The next run reads ${name}.`,
    actions: [{ label: "Start it", run: restart }],
  });
}

const DROPPED = "run:dropped";

function say(text: string, bad = false): void {
  notify({ id: DROPPED, tone: bad ? "bad" : "plain", text, actions: [] });
}
