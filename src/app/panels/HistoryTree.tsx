/**
 * The tree of what was done: each structural event with a thumbnail of the loss after it, the branches under the event
 * they leave from, in the colours that their curves have on the charts. Pointed at, an event shows its record in short; a
 * press opens the whole of it, and beside it stands the way back to right after it.
 */
import { type ReactNode, useMemo } from "react";
import { GLYPHS } from "../charts/marks.ts";
import { branchColour, branchName, sayMark } from "../charts/score-data.ts";
import { useFocusKept } from "../focus.ts";
import { loss, whole } from "../format.ts";
import { Icon } from "../Icons.tsx";
import { canGoTo, goTo } from "../store/actions.ts";
import { catalog, labelOf } from "../store/catalog.ts";
import { bornTitle } from "../store/say.ts";
import type { Mark } from "../store/session.ts";
import { type AppState, setRun, useRun, useSlow } from "../store/store.ts";
import { type TreeLine, type TreeNode, treeOf } from "../store/tree.ts";
import { HoverRecord } from "./HoverRecord.tsx";
import "./tree.css";

interface Picked {
  readonly train: AppState["train"];
  readonly marks: AppState["marks"];
  readonly branches: AppState["branches"];
  readonly state: AppState["state"];
}

let picked: Picked | null = null;

/** The same object as long as nothing in it changed. */
function pick({ train, marks, branches, state }: AppState): Picked {
  if (
    picked === null ||
    picked.train !== train ||
    picked.marks !== marks ||
    picked.branches !== branches ||
    picked.state !== state
  )
    picked = { train, marks, branches, state };
  return picked;
}

export function HistoryTree(): ReactNode {
  const session = useSlow(pick, 500);
  const tree = useMemo(() => treeOf(session), [session]);
  // A branch that is gone to is the main line then, and its button is gone.
  useFocusKept(".tree", [".tree [aria-current]"]);
  return (
    <ul className="tree" aria-label="Tree of what was done">
      <Line line={tree} colour="var(--run-lake)" />
    </ul>
  );
}

function Line({ line, colour }: { readonly line: TreeLine; readonly colour: string }): ReactNode {
  const { branch, nodes } = line;
  const last = nodes.length - 1;
  return (
    <>
      {line.branches.map((each) => (
        <BranchItem key={each.branch?.id} line={each} />
      ))}
      {nodes.map((node, i) => (
        <NodeItem
          key={node.mark?.id ?? "start"}
          node={node}
          colour={colour}
          now={branch === null && i === last}
        />
      ))}
    </>
  );
}

/** "Pruned, Magnitude pruning" */
const titleOf = (mark: Mark): string =>
  mark.kind === "growth" ? bornTitle(mark) : labelOf(catalog.actions, mark.done?.method ?? "");

function NodeItem({
  node,
  colour,
  now,
}: {
  readonly node: TreeNode;
  readonly colour: string;
  readonly now: boolean;
}): ReactNode {
  const { mark, step, after, branches } = node;
  const open = useRun((s) => s.openMark === mark?.id);
  const reached = after[after.length - 1];
  const words = (
    <>
      <span className="glyph" data-kind={mark?.kind} aria-hidden="true">
        {mark === null ? "○" : GLYPHS[mark.kind]}
      </span>
      <span className="tree-words">
        <span>{mark === null ? "Start" : titleOf(mark)}</span>
        <span className="mono soft">step {whole(step)}</span>
      </span>
      <Spark values={after} colour={colour} />
      <span className="mono tree-loss">
        <span className="hidden">loss after it </span>
        {reached === undefined ? "" : loss(reached)}
      </span>
    </>
  );
  return (
    <li>
      <div className="tree-node">
        <HoverRecord title={mark === null ? "Go back to the start" : sayMark(mark)} mark={mark}>
          <button
            type="button"
            className="tree-row"
            data-mark={mark?.id}
            aria-current={now ? "step" : undefined}
            aria-pressed={mark === null ? undefined : open}
            onClick={() => {
              if (mark === null) goTo(node.node);
              else setRun({ openMark: open ? null : mark.id, pinned: null });
            }}
          >
            {words}
          </button>
        </HoverRecord>
        {mark === null ? null : <GoBack node={node.node} name={`${titleOf(mark)}, step ${whole(step)}`} />}
      </div>
      {branches.length === 0 ? null : (
        <ul>
          {branches.map((line) => (
            <BranchItem key={line.branch?.id} line={line} />
          ))}
        </ul>
      )}
    </li>
  );
}

/** To the run as it was right after the event. Trained on from there, what came later stays as a branch. */
function GoBack({ node, name }: { readonly node: string; readonly name: string }): ReactNode {
  const can = useRun((s) => canGoTo(s, node));
  const here = useRun(
    (s) => s.state?.now === node && s.state.nodes.find(({ id }) => id === node)?.step === s.clock.step,
  );
  const tip = here
    ? "The run stands here"
    : can
      ? "Go back to right after it"
      : "This state is no longer kept";
  return (
    <button
      type="button"
      className="icon-button"
      aria-label={`Go back to ${name}`}
      aria-disabled={here || !can}
      title={tip}
      onClick={() => {
        if (can && !here) goTo(node);
      }}
    >
      <Icon name="undo" size={14} />
    </button>
  );
}

/** Where it leaves, what was done on it, and its end, which can be gone to. */
function BranchItem({ line }: { readonly line: TreeLine }): ReactNode {
  const { branch, index, before } = line;
  const can = useRun((s) => branch !== null && canGoTo(s, branch.node));
  if (branch === null) return null;
  const colour = branch.ahead ? "var(--run-lake)" : branchColour(index);
  const name = branch.ahead ? "undone" : branchName(branch);
  return (
    <li className="tree-branch" data-ahead={branch.ahead || undefined} style={{ borderColor: colour }}>
      <div className="row spread tree-head">
        <span>
          <strong>{name}</strong>{" "}
          <span className="soft">
            from {whole(branch.joinStep)} to {whole(branch.endStep)}
          </span>
        </span>
        {line.nodes.length === 0 ? <Spark values={before} colour={colour} /> : null}
        <button
          type="button"
          className="button small"
          disabled={!can}
          title={can ? undefined : "This state is no longer kept"}
          aria-label={`Go there: ${name}, step ${whole(branch.endStep)}`}
          onClick={() => goTo(branch.node)}
        >
          <Icon name={branch.ahead ? "redo" : "branch"} size={14} />
          Go there
        </button>
      </div>
      <ul>
        <Line line={line} colour={colour} />
      </ul>
    </li>
  );
}

const WIDTH = 64;
const HEIGHT = 18;

/** The loss after an event, on its own scale: which way it goes, the figure beside it says how far it came. */
function Spark({
  values,
  colour,
}: {
  readonly values: readonly number[];
  readonly colour: string;
}): ReactNode {
  const finite = values.filter(Number.isFinite);
  const low = Math.min(...finite);
  const span = Math.max(1e-9, Math.max(...finite) - low);
  const x = (i: number): number => 1 + (i / Math.max(1, values.length - 1)) * (WIDTH - 2);
  const y = (value: number): number => HEIGHT - 2 - ((value - low) / span) * (HEIGHT - 4);
  const path = values
    .map((value, i) => (Number.isFinite(value) ? `${i === 0 ? "M" : "L"}${x(i)} ${y(value)}` : ""))
    .join("");
  return (
    <svg className="spark" width={WIDTH} height={HEIGHT} aria-hidden="true">
      <path d={`M0 ${HEIGHT - 0.5}H${WIDTH}`} stroke="var(--hair)" />
      {finite.length < 2 ? null : <path d={path} fill="none" stroke={colour} strokeWidth={1.4} />}
    </svg>
  );
}
