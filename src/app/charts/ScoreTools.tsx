/** What the score shows and how it leaves the page: x, smoothing, scale, yardsticks, table, picture, CSV. */
import { Menu, Slider } from "@mantine/core";
import type { ReactNode } from "react";
import { fixed } from "../format.ts";
import { Icon } from "../Icons.tsx";
import { dropKept, keepCurve } from "../store/behind.ts";
import { type AppState, getRun, setRun, useRun, useSlow } from "../store/store.ts";
import { AxisSelect } from "./AxisSelect.tsx";
import { saveCsv, savePng } from "./save-chart.ts";

const hasCurve = (state: AppState): boolean => state.train.length > 0;

export function ScoreTools(): ReactNode {
  const smoothing = useRun((s) => s.smoothing);
  const logY = useRun((s) => s.logY);
  const yardsticks = useRun((s) => s.yardsticks);
  const table = useRun((s) => s.table);
  const trained = useSlow(hasCurve);
  const kept = useRun((s) => s.kept.length);
  const tick = (on: boolean): ReactNode => (on ? <Icon name="check" /> : null);
  return (
    <div className="score-tools">
      <div className="row">
        <AxisSelect />
        <Menu
          position="top-end"
          width={210}
          shadow="none"
          closeOnItemClick={false}
          classNames={{ dropdown: "menu" }}
        >
          <Menu.Target>
            <button type="button" className="button small square" aria-label="Chart options">
              <Icon name="more" />
            </button>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item onClick={() => setRun({ logY: !logY })} rightSection={tick(logY)}>
              Logarithmic loss
            </Menu.Item>
            <Menu.Item onClick={() => setRun({ yardsticks: !yardsticks })} rightSection={tick(yardsticks)}>
              Yardsticks: bigram, 5-gram
            </Menu.Item>
            <Menu.Item onClick={() => setRun({ table: !table })} rightSection={tick(table)}>
              Show as table
            </Menu.Item>
            <Menu.Divider />
            <Menu.Item disabled={!trained} onClick={keepCurve}>
              Keep this curve behind later runs
            </Menu.Item>
            {kept > 0 ? <Menu.Item onClick={dropKept}>Forget kept curves ({kept})</Menu.Item> : null}
            <Menu.Divider />
            <Menu.Item onClick={() => void savePng()}>Save as PNG</Menu.Item>
            <Menu.Item onClick={() => saveCsv(getRun())}>Save as CSV</Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </div>
      <div className="row smooth">
        <span className="caption soft" id="smooth-label">
          smooth
        </span>
        <Slider
          size={3}
          thumbSize={13}
          min={0}
          max={0.99}
          step={0.01}
          label={null}
          value={smoothing}
          onChange={(value) => setRun({ smoothing: value })}
          thumbLabel="Smoothing of the training loss"
        />
        <span className="mono caption">{fixed(smoothing, 2)}</span>
      </div>
    </div>
  );
}
