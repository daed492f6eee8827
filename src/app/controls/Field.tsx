/**
 * One row of the controls, drawn from a schema field: label with its marks at the left, the input at the right, what is
 * wrong or when it takes effect underneath. Every setting of every method goes through here.
 */
import { Tooltip } from "@mantine/core";
import { memo, type ReactNode, useId, useRef, useState } from "react";
import type { Field as FieldSchema, Value } from "../../config/schema.ts";
import { plain } from "../format.ts";
import { Icon } from "../Icons.tsx";
import { setField } from "../store/actions.ts";
import { checkedDraft } from "../store/checked.ts";
import { actsNow, chosenAnew, valueAt } from "../store/draft.ts";
import { setRun, useRun } from "../store/store.ts";
import { FieldInput, isWide } from "./FieldInput.tsx";
import { useFaultInSight } from "./fault-in-sight.ts";
import { fitsInput } from "./NumberFields.tsx";

export interface FieldProps {
  readonly path: string;
  readonly field: FieldSchema;
  /** Page of the method behind the field, for the paper mark. */
  readonly doc?: { readonly id: string; readonly tip: string } | undefined;
  /** Set instead of the draft's own setter, where a change means more than one value. */
  readonly onSet?: (value: Value) => void;
  /** Shown while the draft has no value at this path. */
  readonly otherwise?: Value;
  /** Acts without a new run although it is no live setting: the values of a growth by hand. */
  readonly atOnce?: boolean;
}

/** ".03", "fully connected", "64, 64" */
export function sayValue(value: Value | undefined): string {
  if (value === undefined) return "nothing";
  if (typeof value === "number") return plain(value);
  if (typeof value === "boolean") return value ? "on" : "off";
  if (typeof value === "string") return value.replaceAll("-", " ");
  return value.map(plain).join(", ");
}

export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** The label without the letter that the symbol after it says better: "first moment β", β₁. */
function bare({ label, symbol }: FieldSchema): string {
  const letter = symbol?.charAt(0) ?? "";
  return letter !== "" && label.endsWith(` ${letter}`) ? label.slice(0, -2) : label;
}

export const Field = memo(function Field({
  path,
  field,
  doc,
  onSet,
  otherwise,
  atOnce = false,
}: FieldProps): ReactNode {
  const id = useId();
  const value = useRun((s) => valueAt(s.draft, path)) ?? otherwise ?? field.default;
  const base = useRun((s) => valueAt(s.base, path));
  const late = useRun(
    (s) =>
      !atOnce &&
      s.config !== null &&
      !actsNow(path, s.draft, s.config) &&
      // Of another model or method the choice itself says it, once for all its fields.
      !chosenAnew(path, s.draft, s.config) &&
      !same(valueAt(s.config, path), value) &&
      s.run !== null,
  );
  const [unread, setUnread] = useState<string | null>(null);
  const checked = useRun((s) => checkedDraft(s.draft, path));
  const error = unread ?? checked;
  const row = useRef<HTMLDivElement>(null);
  useFaultInSight(row, unread === null ? checked : null);
  const changed = base !== undefined && !same(base, value);
  const set = onSet ?? ((next: Value) => setField(path, next));
  const wide = isWide(field);
  const longUnit = "unit" in field && field.unit !== undefined && !fitsInput(field.unit) ? field.unit : null;
  return (
    <div ref={row} className={wide ? "field wide" : "field"} data-error={error === null ? undefined : true}>
      <div className="field-label">
        {changed ? <span className="changed-dot" aria-hidden="true" /> : null}
        <Tooltip
          label={field.help ?? ""}
          disabled={field.help === undefined}
          multiline
          maw={260}
          openDelay={400}
        >
          <label htmlFor={id} id={`${id}-label`}>
            {capital(bare(field))}
            {longUnit === null ? null : <span className="soft">, {longUnit}</span>}
            {field.symbol === undefined ? null : <span className="plate symbol"> {field.symbol}</span>}
          </label>
        </Tooltip>
        {doc === undefined ? null : <PaperMark {...doc} />}
        {changed ? (
          <Tooltip label={`back to ${sayValue(base)}`}>
            <button
              type="button"
              className="icon-button field-reset"
              aria-label={`Back to ${sayValue(base)}`}
              aria-describedby={`${id}-label`}
              onClick={() => set(base)}
            >
              <Icon name="reset" size={12} />
            </button>
          </Tooltip>
        ) : null}
      </div>
      <FieldInput
        id={id}
        field={field}
        value={value}
        onSet={set}
        onFault={setUnread}
        describedBy={error === null && !late ? undefined : `${id}-note`}
        invalid={error !== null}
      />
      {error !== null ? (
        <p className="field-note error" id={`${id}-note`}>
          {error}
        </p>
      ) : late ? (
        <p className="field-note" id={`${id}-note`}>
          from the next run
        </p>
      ) : null}
    </div>
  );
});

export function PaperMark({ id, tip }: { readonly id: string; readonly tip: string }): ReactNode {
  return (
    <Tooltip label={tip}>
      <button
        type="button"
        className="icon-button paper-mark"
        aria-label={tip.endsWith("how it works") ? tip : `How it works: ${tip}`}
        onClick={() => setRun({ doc: id })}
      >
        <Icon name="paper" size={13} />
      </button>
    </Tooltip>
  );
}
