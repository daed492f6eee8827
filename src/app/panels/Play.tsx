/** The places of the run on their grids: three columns over a score, or one column with sheet and transport. */
import { Drawer } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { Score } from "../charts/Score.tsx";
import { Controls, useControlsLine } from "../controls/Controls.tsx";
import { OwnTextDrop } from "../controls/OwnTextDrop.tsx";
import { count } from "../format.ts";
import { Icon } from "../Icons.tsx";
import type { Layout } from "../layout.ts";
import { setRun, useRun } from "../store/store.ts";
import { BottomSheet } from "./BottomSheet.tsx";
import { Rail, RailTabs } from "./Rail.tsx";
import { railMode } from "./registry.ts";
import { Stage } from "./stage/Stage.tsx";
import { Transport } from "./Transport.tsx";

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
        <Score layout={layout} />
      </div>
      <aside className="place-rail" aria-label="What it does">
        {railFolded ? (
          <Folded label="Samples and growth" onOpen={() => setRun({ railFolded: false, projector: false })} />
        ) : (
          <Rail />
        )}
      </aside>
      <aside className="place-controls" aria-label="Controls">
        {slim || controlsFolded ? (
          <FoldedControls
            onOpen={() => (slim ? setDrawer(true) : setRun({ controlsFolded: false, projector: false }))}
          />
        ) : (
          <Controls />
        )}
      </aside>
      {slim ? (
        <Drawer
          opened={drawer}
          onClose={() => setDrawer(false)}
          size={296}
          title="Controls"
          closeButtonProps={{ "aria-label": "Close" }}
          transitionProps={{ duration: 160 }}
          overlayProps={{ backgroundOpacity: 0.15 }}
        >
          <Controls />
        </Drawer>
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
            <OwnTextDrop missing={missing} onTaken={() => undefined} />
          </div>
        )}
        <main className="place-stage">
          <Stage />
        </main>
        <div className="place-score">
          <Score layout={layout} />
        </div>
        <RailTabs />
      </div>
      {phone ? (
        <BottomSheet />
      ) : (
        <Drawer
          opened={drawer}
          onClose={() => setDrawer(false)}
          size={320}
          title="Controls"
          closeButtonProps={{ "aria-label": "Close" }}
          transitionProps={{ duration: 160 }}
        >
          <Controls />
        </Drawer>
      )}
      <Transport {...(phone ? {} : { onControls: () => setDrawer(true) })} />
    </div>
  );
}
