/**
 * The bar over everything: where one is, the run's transport, its readouts, the device. Play is the one filled button of
 * the page; it turns into a ring with a count while the GPU is being prepared.
 */
import { Menu, Tooltip, useMantineColorScheme } from "@mantine/core";
import type { ReactNode } from "react";
import { Brand, Icon, type IconName } from "../Icons.tsx";
import { isColumn, useLayout } from "../layout.ts";
import { routeHash } from "../route.ts";
import { playPause, redo, reset, stepOnce, undo } from "../store/actions.ts";
import { copyLink } from "../store/links.ts";
import { setRun, useRun } from "../store/store.ts";
import { undoTarget } from "../store/undo.ts";
import { Readouts } from "./Readouts.tsx";

const ROUTES = [
  ["play", "Play", routeHash.play],
  ["gallery", "Gallery", routeHash.gallery],
  ["methods", "Methods", routeHash.methods],
] as const;

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
      <BarMenu all={column || layout === "medium"} />
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
      <Tooltip label="Reset to step 0 (R)">
        <button type="button" className="button square" aria-label="Reset" onClick={reset} disabled={fresh}>
          <Icon name="reset" />
        </button>
      </Tooltip>
      <Readouts />
    </div>
  );
}

function BarActions(): ReactNode {
  const device = useRun((s) => s.device);
  return (
    <>
      {device ? (
        <span className="device caption soft" title={device.name}>
          {device.software ? "Processor" : "GPU"}: {device.name}
        </span>
      ) : null}
      <UndoButton />
      <CopyLink />
      <Tooltip label="Keys and help (?)">
        <button
          type="button"
          className="button square"
          aria-label="Keys and help"
          onClick={() => setRun({ help: true })}
        >
          <Icon name="help" />
        </button>
      </Tooltip>
    </>
  );
}

export function useCanUndo(): boolean {
  return useRun((s) => undoTarget(s) !== null && s.phase !== "growing");
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

function BarMenu({ all }: { readonly all: boolean }): ReactNode {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const projector = useRun((s) => s.projector);
  const canRedo = useRun((s) => s.redo.length > 0);
  return (
    <Menu position="bottom-end" width={230} shadow="none" classNames={{ dropdown: "menu" }}>
      <Menu.Target>
        <button type="button" className="button square" aria-label="Menu">
          <Icon name="more" />
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        {all
          ? ROUTES.map(([id, label, href]) => (
              <Menu.Item key={id} component="a" href={href}>
                {label}
              </Menu.Item>
            ))
          : null}
        {all ? <Menu.Divider /> : null}
        <Menu.Item onClick={redo} disabled={!canRedo}>
          Redo
        </Menu.Item>
        <Menu.Item onClick={reset}>Reset to step 0</Menu.Item>
        <Menu.Item onClick={() => setRun({ projector: !projector })}>
          {projector ? "Leave projector mode" : "Projector mode"}
        </Menu.Item>
        <Menu.Item onClick={() => setRun({ help: true })}>Keys and help</Menu.Item>
        <Menu.Divider />
        <Menu.Label>Light and dark</Menu.Label>
        {(["auto", "light", "dark"] as const).map((scheme) => (
          <Menu.Item
            key={scheme}
            onClick={() => setColorScheme(scheme)}
            rightSection={colorScheme === scheme ? <Icon name="check" /> : null}
          >
            {scheme === "auto" ? "As the system" : scheme === "light" ? "Light" : "Dark"}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
