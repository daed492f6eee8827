/**
 * The bar over everything: where one is, the run's transport, its readouts, the device. Play is the one filled button of
 * the page; it turns into a ring with a count while the GPU is being prepared.
 */
import { lazy, type ReactNode, Suspense } from "react";
import { bytes } from "../format.ts";
import { Brand, Icon, type IconName } from "../Icons.tsx";
import { isColumn, useLayout } from "../layout.ts";
import { ROUTES, routeHash } from "../route.ts";
import { playPause, reset, stepOnce, undo } from "../store/actions.ts";
import { copyLink } from "../store/links.ts";
import { operatorLearns } from "../store/operator.ts";
import { type AppState, setRun, useRun } from "../store/store.ts";
import { undoTarget } from "../store/undo.ts";
import { Readouts } from "./Readouts.tsx";

const BarMenu = lazy(() => import("./BarMenu.tsx").then((m) => ({ default: m.BarMenu })));

/** What Play says and does now. */
export function usePlay(): {
  readonly label: string;
  readonly icon: IconName | "ring";
  readonly disabled: boolean;
  /** 0 … 1 while something is being prepared. */
  readonly part: number | null;
} {
  const phase = useRun((s) => s.phase);
  const soon = useRun((s) => s.playSoon);
  const part = useRun((s) => (s.progress ? s.progress.done / Math.max(1, s.progress.total) : null));
  switch (phase) {
    case "running":
    case "growing":
      return { label: "Pause", icon: "pause", disabled: false, part: null };
    case "held":
      return { label: "Resume", icon: "play", disabled: false, part: null };
    case "ended":
      return { label: "Continue", icon: "play", disabled: false, part: null };
    case "loading":
    case "compiling":
      return { label: soon ? "Starting" : "Play", icon: "ring", disabled: false, part };
    case "paused":
      return { label: "Play", icon: "play", disabled: false, part: null };
    case "none":
    case "diverged":
      return { label: "Play", icon: "play", disabled: true, part: null };
    default:
      return phase satisfies never;
  }
}

export function Ring({ part }: { readonly part: number | null }): ReactNode {
  const round = 2 * Math.PI * 6;
  return (
    <svg
      aria-hidden="true"
      width={16}
      height={16}
      viewBox="0 0 16 16"
      fill="none"
      className={part === null ? "spin" : ""}
    >
      <circle cx={8} cy={8} r={6} stroke="currentColor" strokeWidth={2} opacity={0.3} />
      <circle
        cx={8}
        cy={8}
        r={6}
        stroke="currentColor"
        strokeWidth={2}
        strokeDasharray={`${round * (part ?? 0.25)} ${round}`}
        transform="rotate(-90 8 8)"
      />
    </svg>
  );
}

export function PlayButton(): ReactNode {
  const { label, icon, disabled, part } = usePlay();
  return (
    <button
      type="button"
      className="button filled play-button"
      disabled={disabled}
      onClick={playPause}
      id="play"
    >
      {icon === "ring" ? <Ring part={part} /> : <Icon name={icon} />}
      {label}
    </button>
  );
}

export function RunBar(): ReactNode {
  const layout = useLayout();
  const page = useRun((s) => s.route.page);
  const column = isColumn(layout);
  const name = useRun((s) => s.baseName);
  return (
    <header className="bar" data-layout={layout}>
      <a className="brand" href={routeHash.play} aria-label="Espalier, to the playground">
        <Brand />
        <span className="plate brand-name">
          {column && page === "play" && name !== "" ? name : "Espalier"}
        </span>
      </a>
      {column || layout === "medium" ? null : (
        <nav className="routes" aria-label="Places">
          {ROUTES.map(([id, label, href]) => (
            <a key={id} href={href} aria-current={page === id ? "page" : undefined}>
              {label}
            </a>
          ))}
        </nav>
      )}
      {page === "play" && !column ? <Transport /> : null}
      {page === "play" && layout === "narrow" ? <Readouts /> : null}
      <span className="bar-gap" />
      {page === "play" && !column ? <BarActions /> : null}
      {page === "play" && column ? <CopyLink bare /> : null}
      <Suspense fallback={<MenuButton />}>
        <BarMenu all={column || layout === "medium"} />
      </Suspense>
    </header>
  );
}

function Transport(): ReactNode {
  const phase = useRun((s) => s.phase);
  const fresh = useRun((s) => s.clock.step === 0 && s.branches.length === 0);
  return (
    <div className="transport">
      <PlayButton />
      <button type="button" className="button" onClick={stepOnce} disabled={phase !== "paused"}>
        <Icon name="step" />
        Step
      </button>
      <button
        type="button"
        className="button square"
        aria-label="Reset"
        title="Reset to step 0 (R)"
        onClick={reset}
        disabled={fresh}
      >
        <Icon name="reset" />
      </button>
      <Readouts />
    </div>
  );
}

/** "Memory 12.4 MB, planned 12.1 MB." */
function memoryOf({ state }: AppState): string {
  return state === null ? "" : `Memory ${bytes(state.heldBytes)}, planned ${bytes(state.plannedBytes)}.`;
}

function BarActions(): ReactNode {
  const device = useRun((s) => s.device);
  const memory = useRun(memoryOf);
  return (
    <>
      {device ? (
        <span className="device caption soft" title={`${device.name}. ${memory}`}>
          {device.software ? device.name : `GPU: ${device.name}`}
        </span>
      ) : null}
      <UndoButton />
      <CopyLink />
      <button
        type="button"
        className="button square"
        aria-label="Keys and help"
        title="Keys and help (?)"
        onClick={() => setRun({ help: true })}
      >
        <Icon name="help" />
      </button>
    </>
  );
}

export function useCanUndo(): boolean {
  return useRun(
    (s) => s.asked.length > 0 || operatorLearns(s) || (undoTarget(s) !== null && s.phase !== "growing"),
  );
}

function UndoButton(): ReactNode {
  return (
    <button type="button" className="button" onClick={undo} disabled={!useCanUndo()}>
      <Icon name="undo" />
      Undo
    </button>
  );
}

function CopyLink({ bare = false }: { readonly bare?: boolean }): ReactNode {
  const copied = useRun((s) => s.copied);
  const word = copied ? "Copied" : "Copy link";
  return (
    <button
      type="button"
      className={bare ? "button square" : "button edged copy-link"}
      aria-label={bare ? word : undefined}
      onClick={() => void copyLink()}
    >
      <Icon name={copied ? "check" : "link"} />
      {bare ? null : word}
    </button>
  );
}

/** Stands where the menu will be, a moment before it can open. */
function MenuButton(): ReactNode {
  return (
    <button type="button" className="button square" aria-label="Menu" disabled>
      <Icon name="more" />
    </button>
  );
}
