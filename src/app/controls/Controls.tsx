/** The left place: the preset with its changes, the groups, and the one button that starts a run with them. */
import { type ReactNode, useMemo } from "react";
import { presets } from "../../share/presets.ts";
import { count } from "../format.ts";
import { restart } from "../store/actions.ts";
import { draftFault } from "../store/checked.ts";
import { pending } from "../store/draft.ts";
import { openPreset } from "../store/links.ts";
import { setRun, useRun } from "../store/store.ts";
import { DataGroup } from "./DataGroup.tsx";
import { ModelGroup, OptimGroup, ScheduleGroup, SeedGroup } from "./Groups.tsx";
import { GrowthGroup } from "./GrowthGroup.tsx";
import { PresetChooser } from "./PresetChooser.tsx";
import { DroppingGroup, StructureGroup } from "./StructureGroup.tsx";

export function Controls(): ReactNode {
  return (
    <div className="controls">
      <PresetChooser presets={presets} onPick={openPreset} />
      <DataGroup />
      <ModelGroup />
      <GrowthGroup />
      <StructureGroup />
      <DroppingGroup />
      <OptimGroup />
      <ScheduleGroup />
      <SeedGroup />
      <Foot />
    </div>
  );
}

function Foot(): ReactNode {
  const draft = useRun((s) => s.draft);
  const config = useRun((s) => s.config);
  const waiting = useMemo(() => pending(draft, config).length, [draft, config]);
  const fault = draftFault(draft);
  const said = useRun((s) => s.faultInSight);
  if (waiting === 0 && fault === null) return null;
  return (
    <div className="controls-foot">
      {fault === null || fault.text === said ? null : (
        <p className="field-note error" role="alert">
          {fault.text}
        </p>
      )}
      {waiting > 0 ? (
        <>
          <button type="button" className="button edged" disabled={fault !== null} onClick={restart}>
            Restart with {count(waiting, "change")}
          </button>
          <button
            type="button"
            className="button small"
            onClick={() => config !== null && setRun({ draft: config })}
          >
            Take them back
          </button>
        </>
      ) : null}
    </div>
  );
}
