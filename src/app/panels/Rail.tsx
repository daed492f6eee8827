/** The right place: the panels of the moment, one under the other; as three tabs where there is one column. */
import { type ReactNode, useDeferredValue, useEffect, useRef, useState } from "react";
import { type AppState, setRun, useRun } from "../store/store.ts";
import { railMode } from "./rail-mode.ts";
import { PANELS } from "./registry.ts";
import "./rail.css";

export function Rail(): ReactNode {
  // Other panels are made in slices, after what an event changes elsewhere: both in one go would hold the page up.
  const mode = useDeferredValue(useRun(railMode));
  const root = useRun(rootOf);
  return PANELS.filter((panel) => panel.when(mode, root)).map(({ id, Component }) => <Component key={id} />);
}

const rootOf = (state: AppState) => state.state?.anatomy.root ?? "text";

const TABS = ["Writes", "Growth", "History"] as const;

export function RailTabs(): ReactNode {
  const mode = useRun(railMode);
  const root = useRun(rootOf);
  const [tab, setTab] = useState<string>("Writes");
  const now = useRef(tab);
  now.current = tab;
  // Where a record was asked for; null: a tab was pressed since.
  const from = useRef<string | null>(null);
  // What was pressed decides which tab is seen; a record that is closed leads back.
  useEffect(() => {
    if (mode === "record") {
      from.current = now.current;
      setTab("Growth");
    } else {
      if (from.current !== null) setTab(from.current);
      from.current = null;
    }
    if (mode === "part") setTab("Writes");
  }, [mode]);
  const shown = PANELS.filter((panel) => panel.tab === tab && (panel.when(mode, root) || tab === "History"));
  return (
    <aside className="rail-tabs" aria-label="What it does">
      <div className="tabs" role="tablist" aria-label="Panels">
        {TABS.map((name) => (
          <button
            key={name}
            type="button"
            role="tab"
            id={`tab-${name}`}
            aria-selected={tab === name}
            aria-controls="rail-panel"
            onClick={() => {
              from.current = null;
              setTab(name);
              // Its row there would only close it, out of sight.
              if (name === "History") setRun({ openMark: null });
            }}
          >
            {name === "Writes" && root === "image" ? "Sees" : name}
          </button>
        ))}
      </div>
      <div role="tabpanel" id="rail-panel" aria-labelledby={`tab-${tab}`}>
        {shown.map(({ id, Component }) => (
          <Component key={id} />
        ))}
      </div>
    </aside>
  );
}
