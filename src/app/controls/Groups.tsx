/** The groups that are an entry of the catalog with its fields: model, optimizer, schedule; and the seed. */
import type { ReactNode } from "react";
import type { Field as FieldSchema } from "../../config/schema.ts";
import type { CatalogEntry } from "../../run/catalog.ts";
import { MAX_SEED } from "../../run/limits.ts";
import { plain, whole } from "../format.ts";
import { editDraft } from "../store/actions.ts";
import { type ChoiceGroup, catalog, find, GROUPS, labelOf } from "../store/catalog.ts";
import { checkedDraft } from "../store/checked.ts";
import { withChoice } from "../store/draft.ts";
import { useRun } from "../store/store.ts";
import { unitOf } from "../store/units.ts";
import { BudgetFields } from "./BudgetFields.tsx";
import { ChoiceField, paperTip } from "./ChoiceField.tsx";
import { Field, PaperMark } from "./Field.tsx";
import { Group } from "./Group.tsx";

const within =
  (...roots: readonly string[]) =>
  (path: string): boolean =>
    roots.some((root) => path === root || path.startsWith(`${root}.`));

/** All fields of the entry that a group of the draft names. */
export function EntryFields({
  group,
  skip = [],
}: {
  readonly group: ChoiceGroup;
  readonly skip?: readonly string[];
}): ReactNode {
  const id = useRun((s) => s.draft[group].id);
  const entry = find(GROUPS[group], id);
  if (!entry) return null;
  return Object.entries(entry.schema)
    .filter(([key]) => !skip.includes(key))
    .map(([key, field]) => <Field key={`${id}.${key}`} path={`${group}.${key}`} field={field} />);
}

/** The choice itself, with its marks. */
export function GroupChoice({
  group,
  label,
  entries,
}: {
  readonly group: ChoiceGroup;
  readonly label: string;
  readonly entries: readonly CatalogEntry[];
}): ReactNode {
  const id = useRun((s) => s.draft[group].id);
  const base = useRun((s) => s.base[group].id);
  const running = useRun((s) => s.config?.[group].id);
  const error = useRun((s) => checkedDraft(s.draft, `${group}.id`) ?? checkedDraft(s.draft, group));
  return (
    <ChoiceField
      label={label}
      entries={entries}
      value={id}
      base={base}
      late={running !== undefined && running !== id}
      error={error}
      listed
      onPick={(next) => editDraft((draft) => withChoice(draft, group, next))}
    />
  );
}

export function ModelGroup(): ReactNode {
  const label = useRun((s) => labelOf(catalog.models, s.draft.model.id));
  const id = useRun((s) => s.draft.model.id);
  const dropout = useRun((s) => s.draft.model.dropout);
  const line = typeof dropout === "number" && dropout > 0 ? `${label}, dropout ${plain(dropout)}` : label;
  return (
    <Group title="Model" line={line} owns={within("model")} open>
      <GroupChoice group="model" label="Kind" entries={catalog.models} />
      <EntryFields group="model" />
      <p className="group-note">
        <PaperMark id={id} tip={`${label}: how it works`} />
        How {label} works here
      </p>
    </Group>
  );
}

export function OptimGroup(): ReactNode {
  const label = useRun((s) => labelOf(catalog.optims, s.draft.optim.id));
  const entry = useRun((s) => find(catalog.optims, s.draft.optim.id));
  const lr = useRun((s) => s.draft.optim.lr);
  return (
    <Group
      title="Optimizer"
      line={`${label}${typeof lr === "number" ? `, ${plain(lr)}` : ""}`}
      owns={within("optim")}
    >
      <GroupChoice group="optim" label="Method" entries={catalog.optims} />
      <EntryFields group="optim" />
      {entry ? (
        <p className="group-note">
          <PaperMark id={entry.id} tip={paperTip(entry)} />
          How {label} works
        </p>
      ) : null}
    </Group>
  );
}

export function ScheduleGroup(): ReactNode {
  const label = useRun((s) => labelOf(catalog.schedules, s.draft.schedule.id));
  const budget = useRun((s) => s.draft.budget);
  const read = useRun((s) => `${unitOf(s.draft)}s`);
  const unit = budget.unit === "tokens" ? read : budget.unit === "flops" ? "FLOPs" : "steps";
  return (
    <Group
      title="Schedule"
      line={`${label.toLowerCase()}, ${whole(budget.amount)} ${unit}`}
      owns={within("schedule", "budget", "eval")}
    >
      <GroupChoice group="schedule" label="Rate" entries={catalog.schedules} />
      <EntryFields group="schedule" />
      <BudgetFields />
    </Group>
  );
}

const SEED: FieldSchema = {
  kind: "int",
  label: "Seed",
  help: "Every draw of the run comes from it: first weights, order of the text, noise on copies.",
  default: 1,
  min: 0,
  max: MAX_SEED,
};

export function SeedGroup(): ReactNode {
  const seed = useRun((s) => s.draft.seed);
  return (
    <Group title="Seed" line={String(seed)} owns={within("seed")}>
      <Field path="seed" field={SEED} />
    </Group>
  );
}
