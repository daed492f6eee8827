import { type ReactNode, useId, useState } from "react";
import type { Field as FieldSchema, Value } from "../../config/schema.ts";
import { capital } from "./Field.tsx";
import { FieldInput, isWide } from "./FieldInput.tsx";

/** A row for one value that is no setting of the run: of an action by hand. */
export function Row(props: {
  readonly field: FieldSchema;
  readonly value: Value;
  readonly onSet: (value: Value) => void;
}): ReactNode {
  const id = useId();
  const { field } = props;
  const [unread, setUnread] = useState<string | null>(null);
  return (
    <div className={isWide(field) ? "field wide" : "field"}>
      <div className="field-label">
        <label htmlFor={id} id={`${id}-label`}>
          {capital(field.label)}
          {field.symbol === undefined ? null : <span className="plate symbol"> {field.symbol}</span>}
        </label>
      </div>
      <FieldInput
        id={id}
        {...props}
        onFault={setUnread}
        describedBy={unread === null ? undefined : `${id}-note`}
        invalid={unread !== null}
      />
      {unread === null ? null : (
        <p className="field-note error" id={`${id}-note`}>
          {unread}
        </p>
      )}
    </div>
  );
}
