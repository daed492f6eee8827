/** The places of the run on their grids: three columns over a score, or one column with sheet and transport. */
import { lazy, memo, type ReactNode, Suspense, useState } from "react";
import { Score as AnyScore } from "../charts/Score.tsx";
import { useControlsLine } from "../controls/controls-line.ts";
import { Controls as AnyControls } from "../controls/LazyControls.tsx";
import { count } from "../format.ts";
import { Icon } from "../Icons.tsx";
import type { Layout } from "../layout.ts";
import { setRun, useRun } from "../store/store.ts";
import { BottomSheet as AnyBottomSheet } from "./BottomSheet.tsx";
import { Later } from "./Later.tsx";
import { Once } from "./Once.tsx";
import { railMode } from "./rail-mode.ts";
import { Stage as AnyStage } from "./stage/Stage.tsx";
import { Transport } from "./Transport.tsx";

// A place is drawn for what changed in it, and not because the grid around it changed: opening a record alters the grid.
const Stage = memo(AnyStage);
const Score = memo(AnyScore);
const Controls = memo(AnyControls);
const BottomSheet = memo(AnyBottomSheet);
const Rail = lazy(() => import("./Rail.tsx").then((m) => ({ default: memo(m.Rail) })));
const RailTabs = lazy(() => import("./Rail.tsx").then((m) => ({ default: memo(m.RailTabs) })));
const ControlsDrawer = lazy(() =>
  import("./ControlsDrawer.tsx").then((m) => ({ default: m.ControlsDrawer })),
);
const OwnImagesDrop = lazy(() =>
  import("../controls/OwnImagesDrop.tsx").then((m) => ({ default: m.OwnImagesDrop })),
);
const OwnTextDrop = lazy(() =>
  import("../controls/OwnTextDrop.tsx").then((m) => ({ default: m.OwnTextDrop })),
);

export function WidePlay({ layout }: { readonly layout: Layout }): ReactNode {
  const projector = useRun((s) => s.projector);
  const record = useRun((s) => railMode(s) === "record");
  const controlsFolded = useRun((s) => s.controlsFolded) || projector;
  const railFolded = useRun((s) => s.railFolded) || projector;
  const [drawer, setDrawer] = useState(false);
  const slim = layout === "medium";
  return (
    <div
      className="play"
      data-layout={layout}
      data-record={(record && !railFolded) || undefined}
      data-fold-controls={controlsFolded || undefined}
      data-fold-rail={railFolded || undefined}
    >
      <main className="place-stage">
        <Stage />
      </main>
      <div className="place-score">
        <Later>
          <Score layout={layout} />
        </Later>
      </div>
      <aside className="place-rail" aria-label="What it does">
        {railFolded ? (
          <Folded label="Samples and growth" onOpen={() => setRun({ railFolded: false, projector: false })} />
        ) : (
          <Later>
            <Suspense fallback={null}>
              <Rail />
            </Suspense>
          </Later>
        )}
      </aside>
      <aside className="place-controls" aria-label="Controls">
        {slim || controlsFolded ? (
          <FoldedControls
            onOpen={() => (slim ? setDrawer(true) : setRun({ controlsFolded: false, projector: false }))}
          />
        ) : (
          <Later>
            <Controls />
          </Later>
        )}
      </aside>
      {slim ? (
        <Once when={drawer}>
          <ControlsDrawer opened={drawer} onClose={() => setDrawer(false)} size={296} />
        </Once>
      ) : null}
    </div>
  );
}

function FoldedControls({ onOpen }: { readonly onOpen: () => void }): ReactNode {
  const { name, changed } = useControlsLine();
  return (
    <Folded
      label={changed > 0 ? `${name}, ${count(changed, "change")}` : name || "Controls"}
      onOpen={onOpen}
    />
  );
}

function Folded({ label, onOpen }: { readonly label: string; readonly onOpen: () => void }): ReactNode {
  return (
    <button type="button" className="folded" onClick={onOpen} aria-label={`Open: ${label}`}>
      <Icon name="fold" />
      <span aria-hidden="true">{label}</span>
    </button>
  );
}

export function ColumnPlay({ layout }: { readonly layout: Layout }): ReactNode {
  const phone = layout === "phone";
  // The controls are folded away here: a text that a link asks for is asked for in sight.
  const missing = useRun((s) => s.missingText);
  const [drawer, setDrawer] = useState(false);
  return (
    <div className="column" data-layout={layout}>
      <div className="column-scroll">
        {missing === null ? null : (
          <div className="column-drop">
            <Suspense fallback={null}>
              {missing.kind === "images" ? (
                <OwnImagesDrop missing={missing} onTaken={() => undefined} />
              ) : (
                <OwnTextDrop missing={missing} onTaken={() => undefined} />
              )}
            </Suspense>
          </div>
        )}
        <main className="place-stage">
          <Stage />
        </main>
        <div className="place-score">
          <Later>
            <Score layout={layout} />
          </Later>
        </div>
        <Later>
          <Suspense fallback={null}>
            <RailTabs />
          </Suspense>
        </Later>
      </div>
      {phone ? (
        <Later>
          <BottomSheet />
        </Later>
      ) : (
        <Once when={drawer}>
          <ControlsDrawer opened={drawer} onClose={() => setDrawer(false)} size={320} />
        </Once>
      )}
      <Transport {...(phone ? {} : { onControls: () => setDrawer(true) })} />
    </div>
  );
}
