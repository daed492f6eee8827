/** What is read: a built-in text or one's own, and how much of it at a time. Licences stand where the text is chosen. */
import { type ReactNode, useEffect, useState } from "react";
import type { Field as FieldSchema } from "../../config/schema.ts";
import type { DatasetEntry } from "../../run/catalog.ts";
import { MAX_BATCH, MAX_CONTEXT, MIN_CONTEXT } from "../../run/limits.ts";
import { OWN_ID } from "../../run/own-text.ts";
import { bytes, count, plain } from "../format.ts";
import { editDraft } from "../store/actions.ts";
import { catalog } from "../store/catalog.ts";
import { checkedDraft } from "../store/checked.ts";
import { withChoice } from "../store/draft.ts";
import { adoptText } from "../store/own-text.ts";
import { findText, listTexts, type OwnText } from "../store/storage.ts";
import { useRun } from "../store/store.ts";
import { isOfImages } from "../store/units.ts";
import { ChoiceField } from "./ChoiceField.tsx";
import { Field } from "./Field.tsx";
import { Group } from "./Group.tsx";
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

const OWN = "own:new";

export function DataGroup(): ReactNode {
  const data = useRun((s) => s.draft.data);
  const base = useRun((s) => s.base.data.id);
  const running = useRun((s) => s.config?.data);
  const images = useRun((s) => isOfImages(s.draft));
  const batch = useRun((s) => s.draft.batch);
  const context = useRun((s) => s.draft.context);
  const error = useRun((s) => checkedDraft(s.draft, "data.id"));
  const missing = useRun((s) => s.missingText);
  const [asking, setAsking] = useState(false);
  const [texts, setTexts] = useState<readonly OwnText[]>([]);
  const own = data.id === OWN_ID;
  // biome-ignore lint/correctness/useExhaustiveDependencies: a text that was just taken is in the list from then on
  useEffect(() => {
    void listTexts()
      .then(setTexts)
      .catch(() => undefined);
  }, [data]);
  const entry = catalog.data.find((set) => set.id === data.id);
  const label = own ? String(data.name) : (entry?.label ?? data.id);
  const pick = (id: string): void => {
    setAsking(id === OWN);
    if (id === OWN) return;
    if (!id.startsWith("own:")) {
      editDraft((draft) => withChoice(draft, "data", id));
      return;
    }
    void findText(id.slice(4)).then((text) => {
      if (text) adoptText(text);
    });
  };
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
        value={asking ? OWN : own ? `own:${data.sha256}` : data.id}
        base={base === OWN_ID ? undefined : base}
        late={running !== undefined && (running.id !== data.id || running.sha256 !== data.sha256)}
        error={error}
        onPick={pick}
        listed
        extra={[
          ...ownOptions(texts, own ? { sha256: String(data.sha256), name: label } : null),
          { value: OWN, label: "Your own text" },
        ]}
      />
      {asking || missing !== null ? <OwnTextDrop missing={missing} onTaken={() => setAsking(false)} /> : null}
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
          Your text stays in this browser. The link holds only its name and fingerprint.
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

/** Texts of this browser, the one in use among them even where the browser keeps nothing. */
function ownOptions(
  texts: readonly OwnText[],
  used: { readonly sha256: string; readonly name: string } | null,
): readonly { readonly value: string; readonly label: string }[] {
  const known = used === null || texts.some((text) => text.sha256 === used.sha256) ? texts : [used, ...texts];
  return known.map(({ sha256, name }) => ({ value: `own:${sha256}`, label: name }));
}
