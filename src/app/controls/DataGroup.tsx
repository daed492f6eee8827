/** What is read: a built-in text, digits, or one's own, and how much of it at a time. Licences stand where the text is chosen. */
import { type ReactNode, useEffect, useState } from "react";
import type { Field as FieldSchema } from "../../config/schema.ts";
import type { DatasetEntry } from "../../run/catalog.ts";
import { MAX_BATCH, MAX_CONTEXT, MIN_CONTEXT } from "../../run/limits.ts";
import { OWN_IMAGES_ID } from "../../run/own-images.ts";
import { OWN_ID } from "../../run/own-text.ts";
import { bytes, count, plain } from "../format.ts";
import { editDraft } from "../store/actions.ts";
import { catalog } from "../store/catalog.ts";
import { checkedDraft } from "../store/checked.ts";
import { withChoice, withData } from "../store/draft.ts";
import { listImages, listTexts } from "../store/storage.ts";
import { useRun } from "../store/store.ts";
import { isOfImages } from "../store/units.ts";
import { ChoiceField } from "./ChoiceField.tsx";
import { Field } from "./Field.tsx";
import { Group } from "./Group.tsx";
import { OwnImagesDrop } from "./OwnImagesDrop.tsx";
import { OwnTextDrop } from "./OwnTextDrop.tsx";

const BATCH: FieldSchema = {
  kind: "int",
  label: "Batch",
  help: "Windows of text a step. Their losses are averaged.",
  default: 32,
  min: 1,
  max: MAX_BATCH,
  unit: "windows",
};

const IMAGES: FieldSchema = { ...BATCH, help: "Images a step. Their losses are averaged.", unit: "images" };

const CONTEXT: FieldSchema = {
  kind: "int",
  label: "Context",
  help: "Characters of a window: as far as the network looks back while it learns.",
  default: 64,
  min: MIN_CONTEXT,
  max: MAX_CONTEXT,
  unit: "chars",
};

const NEW_TEXT = "new:text";
const NEW_IMAGES = "new:images";

interface Kept {
  /** "own:<sha256>" or "own-images:<sha256>" */
  readonly value: string;
  readonly name: string;
}

/** One's own data in this browser, newest first. */
async function listOwn(): Promise<readonly Kept[]> {
  const [texts, images] = await Promise.all([listTexts(), listImages()]);
  return [
    ...texts.map(({ sha256, name }) => ({ value: `${OWN_ID}:${sha256}`, name })),
    ...images.map(({ sha256, name }) => ({ value: `${OWN_IMAGES_ID}:${sha256}`, name })),
  ];
}

export function DataGroup(): ReactNode {
  const data = useRun((s) => s.draft.data);
  const base = useRun((s) => s.base.data.id);
  const running = useRun((s) => s.config?.data);
  const images = useRun((s) => isOfImages(s.draft));
  const batch = useRun((s) => s.draft.batch);
  const context = useRun((s) => s.draft.context);
  const error = useRun((s) => checkedDraft(s.draft, "data.id"));
  const missing = useRun((s) => s.missingText);
  const [asking, setAsking] = useState<"text" | "images" | null>(null);
  const [kept, setKept] = useState<readonly Kept[]>([]);
  const own = data.id === OWN_ID || data.id === OWN_IMAGES_ID;
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was just taken is in the list from then on
  useEffect(() => {
    void listOwn()
      .then(setKept)
      .catch(() => undefined);
  }, [data]);
  const entry = catalog.data.find((set) => set.id === data.id);
  const label = own ? String(data.name) : (entry?.label ?? data.id);
  const ownValue = `${data.id}:${data.sha256}`;
  const pick = (value: string): void => {
    setAsking(value === NEW_TEXT ? "text" : value === NEW_IMAGES ? "images" : null);
    if (value === NEW_TEXT || value === NEW_IMAGES) return;
    const [id = "", sha256] = value.split(":");
    if (sha256 === undefined) editDraft((draft) => withChoice(draft, "data", id));
    else {
      const name = kept.find((one) => one.value === value)?.name ?? label;
      editDraft((draft) => withData(draft, { id, name, sha256 }));
    }
  };
  const drop = missing?.kind ?? asking;
  return (
    <Group
      title="Data"
      line={images ? `${label}, ${batch} a step` : `${label}, ${batch} × ${context}`}
      owns={(path) => path === "batch" || path === "context" || path.startsWith("data")}
      open
    >
      <ChoiceField
        label="Data"
        entries={catalog.data}
        value={asking === "text" ? NEW_TEXT : asking === "images" ? NEW_IMAGES : own ? ownValue : data.id}
        base={base.startsWith(OWN_ID) ? undefined : base}
        late={running !== undefined && (running.id !== data.id || running.sha256 !== data.sha256)}
        error={error}
        onPick={pick}
        listed
        extra={[
          ...ownOptions(kept, own ? { value: ownValue, name: label } : null),
          { value: NEW_TEXT, label: "Your own text" },
          { value: NEW_IMAGES, label: "Your own images" },
        ]}
      />
      {drop === "text" ? <OwnTextDrop missing={missing} onTaken={() => setAsking(null)} /> : null}
      {drop === "images" ? <OwnImagesDrop missing={missing} onTaken={() => setAsking(null)} /> : null}
      {entry ? (
        <p className="group-note">
          {entry.task === "classify"
            ? `${count(entry.count, "image")}, ${entry.symbols} classes`
            : `${count(entry.count, "character")}, ${entry.symbols} symbols`}
          , {bytes(entry.bytes)}. {entry.licence}.{yardstickNote(entry.yardsticks)}
        </p>
      ) : null}
      {own ? (
        <p className="group-note">
          {images
            ? "Your images stay in this browser. The link holds only their name and fingerprint."
            : "Your text stays in this browser. The link holds only its name and fingerprint."}
        </p>
      ) : null}
      {Object.entries(entry?.schema ?? {}).map(([key, field]) => (
        <Field key={key} path={`data.${key}`} field={field} />
      ))}
      <Field path="batch" field={images ? IMAGES : BATCH} />
      {images ? null : <Field path="context" field={CONTEXT} />}
    </Group>
  );
}

/** What simpler methods reach, one sentence. */
function yardstickNote(yardsticks: DatasetEntry["yardsticks"]): string {
  const texts = yardsticks.flatMap((y) => ("bits" in y ? [`${y.label} ${plain(y.bits)}`] : []));
  const images = yardsticks.flatMap((y) =>
    "bits" in y ? [] : [`${y.label} ${plain(100 * y.accuracy)} % of test images`],
  );
  if (texts.length > 0) return ` Counting alone: ${texts.join(", ")} bits.`;
  return images.length > 0 ? ` To compare with: ${images.join(", ")}.` : "";
}

/** One's own data of this browser, the one in use among them even where the browser keeps nothing. */
function ownOptions(
  kept: readonly Kept[],
  used: Kept | null,
): readonly { readonly value: string; readonly label: string }[] {
  const known = used === null || kept.some(({ value }) => value === used.value) ? kept : [used, ...kept];
  return known.map(({ value, name }) => ({ value, label: name }));
}
