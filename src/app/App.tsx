/** The page: the bar, one place by the route, and what lies over it. */
import { useMantineColorScheme } from "@mantine/core";
import { type ReactNode, useEffect } from "react";
import { isColumn, type Layout, useLayout } from "./layout.ts";
import { Dialogs } from "./panels/Dialogs.tsx";
import { DocDrawer, Methods } from "./panels/Docs.tsx";
import { Gallery } from "./panels/Gallery.tsx";
import { HelpSheet } from "./panels/HelpSheet.tsx";
import { LiveRegion } from "./panels/LiveRegion.tsx";
import { Notices } from "./panels/Notices.tsx";
import { NoWebGpu } from "./panels/NoWebGpu.tsx";
import { ColumnPlay, WidePlay } from "./panels/Play.tsx";
import { RunBar } from "./panels/RunBar.tsx";
import { onKey } from "./store/keys.ts";
import { useRun } from "./store/store.ts";

export function App(): ReactNode {
  const route = useRun((s) => s.route);
  const layout = useLayout();
  useEffect(() => {
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);
  return (
    <div className="page" data-layout={layout}>
      <button type="button" className="skip" onClick={skip}>
        Skip to network
      </button>
      <RunBar />
      {route.page === "play" ? <Play layout={layout} /> : null}
      {route.page === "gallery" ? <Gallery /> : null}
      {route.page === "methods" ? <Methods id={route.id} /> : null}
      <Dialogs />
      <DocDrawer />
      <HelpSheet />
      <LiveRegion />
      <Projector />
    </div>
  );
}

/** A button and not a link: the hash belongs to routes. */
function skip(): void {
  document.querySelector<HTMLElement>("#network")?.focus();
}

function Play({ layout }: { readonly layout: Layout }): ReactNode {
  const none = useRun((s) => s.noDevice !== null);
  if (none) return <NoWebGpu />;
  return (
    <>
      <Notices />
      {isColumn(layout) ? <ColumnPlay layout={layout} /> : <WidePlay layout={layout} />}
    </>
  );
}

/** Projector mode is light, whatever the system is, and gives the scheme back when it ends. */
function Projector(): ReactNode {
  const on = useRun((s) => s.projector);
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  // biome-ignore lint/correctness/useExhaustiveDependencies: only the switch itself may change the scheme
  useEffect(() => {
    if (!on) return;
    document.documentElement.dataset.projector = "";
    setColorScheme("light");
    return () => {
      delete document.documentElement.dataset.projector;
      setColorScheme(colorScheme);
    };
  }, [on]);
  return null;
}
