/** Which of the kernels that add in the same order run on this device, and what was timed to choose them. */
import type { ReactNode } from "react";
import { Icon } from "../../Icons.tsx";
import { send } from "../../store/client.ts";
import { percent, shortTime } from "../../store/kernel-figures.ts";
import { useRun } from "../../store/store.ts";
import { tilesText } from "../../store/tiles.ts";

/** "matmul:forward TA=0 m~12 …" → "matmul:forward" */
const nameOf = (kernel: string): string => kernel.split(" ", 1)[0]!;

export function Tiles(): ReactNode {
  const tiles = useRun((s) => s.tiles);
  const software = useRun((s) => s.device?.software ?? false);
  if (tiles === null) return null;
  const { on, choices, seconds } = tiles;
  return (
    <section className="kernels-step" aria-label="Tiles">
      <div className="kernels-op">
        <h2 className="heading">Tiles</h2>
        <button type="button" className="button edged small" onClick={() => send({ type: "time-tiles" })}>
          <Icon name="redo" size={14} />
          {on ? "Time again" : "Time here"}
        </button>
      </div>
      <p>{tilesText(tiles, software)}</p>
      <p className="caption soft">
        All of them give the same bits, so no run or link hangs on the choice.
        {seconds > 0 ? ` Timing has cost training ${shortTime(seconds)} so far.` : null}
      </p>
      {choices.length === 0 ? null : (
        <table className="kernels-table">
          <caption className="hidden">Kernels that were timed</caption>
          <thead>
            <tr>
              <th scope="col">Kernel</th>
              <th scope="col">Otherwise</th>
              <th scope="col">Here</th>
              <th scope="col">Time</th>
            </tr>
          </thead>
          <tbody>
            {choices.map(({ kernel, id, standing, ratio }) => (
              <tr key={`${kernel} ${id}`}>
                <th scope="row" title={kernel}>
                  {nameOf(kernel)}
                </th>
                <td className="mono">{standing}</td>
                <td className="mono">{id === standing ? "the same" : id}</td>
                <td className="mono">{percent(ratio)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
