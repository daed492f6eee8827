/** The arms in figures: where each stands, what growing did to the loss, and what it took to get to scratch's final loss. */
import type { ReactNode } from "react";
import type { ArmState } from "../../../run/tries.ts";
import { type Reached, reachedBy, resultOf, type TryPoint } from "../../../run/tries-result.ts";
import { compact, count, loss, signed, whole } from "../../format.ts";
import { lastRow } from "../../store/series.ts";
import { type AppState, useRun, useSlow } from "../../store/store.ts";
import { curvesOf, pointsOf, type Tried } from "../../store/tried.ts";
import { armsNow, openArm } from "../../store/tries.ts";
import { armColour, armDash } from "./figure.ts";

const triedOf = (s: AppState): AppState["tried"] => s.tried;
let planned: { readonly key: string; readonly arms: ReturnType<typeof armsNow> } | null = null;

/** The same list as long as nothing that decides it has changed. */
function plans(state: AppState): ReturnType<typeof armsNow> {
  const key = JSON.stringify([state.state?.arch, state.config?.model, state.tryAsked, state.config?.budget]);
  if (planned?.key !== key) planned = { key, arms: armsNow(state) };
  return planned.arms;
}

export function TriesTable(): ReactNode {
  const tried = useSlow(triedOf);
  const waiting = useRun(plans);
  const arms = tried?.state.arms ?? waiting;
  const ids = arms.map(({ id }) => id);
  const goal = tried === null ? null : goalOf(tried);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keys
    <section className="tries-scroll" aria-label="The arms in figures" tabIndex={0}>
      <table className="tries-table">
        <thead>
          <tr>
            <th scope="col">arm</th>
            <th scope="col">stands</th>
            <th scope="col" className="num">
              validation now
            </th>
            <th scope="col" className="num">
              to scratch's end
            </th>
            <th scope="col" className="num">
              jump at growth
            </th>
            <th scope="col" className="num">
              operator
            </th>
            <th scope="col">
              <span className="hidden">open it</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {arms.map((arm) => (
            <tr key={arm.id} data-none={arm.why !== null && arm.why !== "" ? "" : undefined}>
              <th scope="row">
                <svg width={22} height={8} aria-hidden="true">
                  <path
                    d="M1 4h20"
                    stroke={armColour(arm.id, ids)}
                    strokeWidth={2.4}
                    strokeDasharray={armDash(arm.id)}
                  />
                </svg>
                {arm.label}
              </th>
              {"phase" in arm && tried !== null ? (
                <Figures arm={arm} tried={tried} goal={goal} />
              ) : (
                <td colSpan={6} className="soft">
                  {arm.why ?? "takes part"}
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** Scratch's end, once it is there. */
function goalOf(tried: Tried): TryPoint | null {
  const done = tried.state.arms.find(({ id }) => id === "scratch")?.phase === "done";
  return done ? (resultOf(curvesOf(tried))?.goal ?? null) : null;
}

const WORDS: Readonly<Record<ArmState["phase"], string>> = {
  none: "",
  waiting: "waits",
  growing: "grows",
  training: "trains",
  done: "done",
  refused: "",
  diverged: "",
  stopped: "stopped",
};

function Figures({
  arm,
  tried,
  goal,
}: {
  readonly arm: ArmState;
  readonly tried: Tried;
  readonly goal: TryPoint | null;
}): ReactNode {
  const series = tried.curves[arm.id];
  if (arm.why !== "") {
    return (
      <td colSpan={6} className="soft">
        {arm.why}
      </td>
    );
  }
  const last = series === undefined ? null : lastRow(series);
  const reached = goal === null ? null : reachedBy({ ...arm, points: pointsOf(series) }, goal.loss);
  return (
    <>
      <td className="tries-stands">
        <Stands arm={arm} />
      </td>
      <td className="num mono" data-label="validation now">
        {last === null ? "" : loss(last.loss)}
      </td>
      <td className="num mono" data-label="to scratch's end">
        {reached === null || goal === null ? "" : sayReached(reached, goal, arm.id)}
      </td>
      <td className="num mono" data-label="jump at growth">
        {arm.grown === null ? "" : jump(arm.grown)}
      </td>
      <td className="num mono" data-label="operator">
        {arm.operatorSteps === 0 ? "" : `${count(arm.operatorSteps, "step")}, ${compact(arm.operatorFlops)}`}
      </td>
      <td className="tries-open">
        {arm.kept ? (
          <button
            type="button"
            className="button small"
            aria-label={`Go on with it: ${arm.label}`}
            onClick={() => void openArm(arm.id)}
          >
            Go on with it
          </button>
        ) : null}
      </td>
    </>
  );
}

function Stands({ arm }: { readonly arm: ArmState }): ReactNode {
  const going = arm.phase === "training" || arm.phase === "growing";
  const word = arm.phase === "growing" && arm.share > 0 ? "trains its operator" : WORDS[arm.phase];
  return (
    <>
      {word}
      {going ? (
        <progress className="kernels-bar" max={1} value={arm.share} aria-label={`${arm.label}: ${word}`} />
      ) : null}
    </>
  );
}

function sayReached({ at }: Reached, goal: TryPoint, id: string): string {
  if (id === "scratch") return `${whole(goal.step)} steps, ${compact(goal.flops)}`;
  if (at === null) return "not reached";
  return `${whole(at.step)} steps, ${Math.round((100 * at.flops) / goal.flops)} %`;
}

/** Less than the last figure is no jump. */
function jump({ before, after }: { readonly before: number; readonly after: number }): string {
  return Math.abs(after - before) < 5e-4 ? "0" : signed(after - before);
}
