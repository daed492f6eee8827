/** What a chart's x axis counts, chosen once for every chart. */
import { NativeSelect } from "@mantine/core";
import type { ReactNode } from "react";
import type { Axis } from "../store/series.ts";
import { setRun, useRun } from "../store/store.ts";
import { unitOf } from "../store/units.ts";
import { AXES } from "./scale.ts";

export function AxisSelect(): ReactNode {
  const axis = useRun((s) => s.axis);
  const unit = useRun((s) => unitOf(s.config));
  return (
    <NativeSelect
      size="xs"
      aria-label="x axis"
      className="axis-select"
      data={AXES.map(({ id, label }) => ({
        value: id,
        label: `x: ${id === "tokens" ? `${unit}s` : label}`,
      }))}
      value={axis}
      onChange={(event) => setRun({ axis: event.currentTarget.value as Axis })}
    />
  );
}
