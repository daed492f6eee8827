/** The page: the bar, one place by the route, and what lies over it. */
import { useMantineColorScheme } from "@mantine/core";
import { lazy, type ReactNode, Suspense, useEffect } from "react";
import { catchDrops } from "./controls/drop-anywhere.ts";
import { watchFocus } from "./focus.ts";
import { isColumn, type Layout, useLayout } from "./layout.ts";
import { LiveRegion } from "./panels/LiveRegion.tsx";
import { Notices } from "./panels/Notices.tsx";
import { Once } from "./panels/Once.tsx";
import { ColumnPlay, WidePlay } from "./panels/Play.tsx";
import { RunBar } from "./panels/RunBar.tsx";
import { onKey } from "./store/keys.ts";
import { getRun, useRun } from "./store/store.ts";

const Gallery = lazy(() => import("./panels/Gallery.tsx").then((m) => ({ default: m.Gallery })));
const Methods = lazy(() => import("./panels/Docs.tsx").then((m) => ({ default: m.Methods })));
const Kernels = lazy(() => import("./panels/kernels/Kernels.tsx").then((m) => ({ default: m.Kernels })));
const Tries = lazy(() => import("./panels/tries/Tries.tsx").then((m) => ({ default: m.Tries })));
const DocDrawer = lazy(() => import("./panels/Docs.tsx").then((m) => ({ default: m.DocDrawer })));
const Dialogs = lazy(() => import("./panels/Dialogs.tsx").then((m) => ({ default: m.Dialogs })));
const HelpSheet = lazy(() => import("./panels/HelpSheet.tsx").then((m) => ({ default: m.HelpSheet })));
const PartPopover = lazy(() => import("./panels/PartPopover.tsx").then((m) => ({ default: m.PartPopover })));
const NoWebGpu = lazy(() => import("./panels/NoWebGpu.tsx").then((m) => ({ default: m.NoWebGpu })));

export function App(): ReactNode {
  const route = useRun((s) => s.route);
  const layout = useLayout();
  const asked = useRun((s) => s.dialog !== null);
  const doc = useRun((s) => s.doc !== null);
  const help = useRun((s) => s.help);
  const surgery = useRun((s) => s.surgery !== null);
  useEffect(watchFocus, []);
  useEffect(() => {
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);
  useEffect(() => catchDrops(takesFiles), []);
  return (
    <div className="page" data-layout={layout}>
      <button type="button" className="skip" onClick={skip}>
        Skip to network
      </button>
      <RunBar />
      {route.page === "play" ? <Play layout={layout} /> : null}
      <Suspense fallback={null}>
        {route.page === "gallery" ? <Gallery /> : null}
        {route.page === "compare" ? <Tries /> : null}
        {route.page === "methods" ? <Methods id={route.id} /> : null}
        {route.page === "kernels" ? <Kernels id={route.id} /> : null}
      </Suspense>
      <Once when={asked}>
        <Dialogs />
      </Once>
      <Once when={doc}>
        <DocDrawer />
      </Once>
      <Once when={help}>
        <HelpSheet />
      </Once>
      <Once when={surgery && route.page === "play"}>
        <PartPopover />
      </Once>
      <LiveRegion />
      <Projector />
    </div>
  );
}

/** Files are taken where a run can be begun with them. */
const takesFiles = (): boolean => getRun().route.page === "play" && getRun().noDevice === null;

/** A button and not a link: the hash belongs to routes. */
function skip(): void {
  document.querySelector<HTMLElement>("#network")?.focus();
}

function Play({ layout }: { readonly layout: Layout }): ReactNode {
  const none = useRun((s) => s.noDevice !== null);
  if (none) {
    return (
      <Suspense fallback={null}>
        <NoWebGpu />
      </Suspense>
    );
  }
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
