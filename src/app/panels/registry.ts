/**
 * The panels of the rail. It shows one thing at a time, by what was last pressed: the record of a mark, else the pinned
 * part, else what the network writes and when it grows. A new panel is one line here.
 */
import type { ComponentType } from "react";
import { Areas } from "./Areas.tsx";
import { Attention } from "./Attention.tsx";
import { Beside } from "./Beside.tsx";
import { Bridging } from "./Bridging.tsx";
import { LayerDrop } from "./drop/LayerDrop.tsx";
import { HistoryList } from "./HistoryList.tsx";
import { Opened, OpenedWeights } from "./Opened.tsx";
import { LayersOff } from "./off/LayersOff.tsx";
import { Pictures } from "./Pictures.tsx";
import { RecordPanel } from "./RecordPanel.tsx";
import type { RailMode } from "./rail-mode.ts";
import { Samples } from "./Samples.tsx";
import { SelectedTier, Surgeon } from "./Surgeon.tsx";
import { WhenToGrow } from "./WhenToGrow.tsx";

export interface Panel {
  readonly id: string;
  /** Its tab where the rail is tabs. */
  readonly tab: string;
  /** Whether it is what the rail shows now, of a network that reads text or images. */
  readonly when: (mode: RailMode, root: "text" | "image") => boolean;
  readonly Component: ComponentType;
}

export const PANELS: readonly Panel[] = [
  { id: "record", tab: "Growth", when: (mode) => mode === "record", Component: RecordPanel },
  { id: "selected", tab: "Writes", when: (mode) => mode === "part", Component: SelectedTier },
  { id: "part", tab: "Writes", when: (mode) => mode === "part", Component: Opened },
  { id: "areas", tab: "Writes", when: (mode, root) => mode === "part" && root === "image", Component: Areas },
  { id: "surgeon", tab: "Writes", when: (mode) => mode === "part", Component: Surgeon },
  {
    id: "bridging",
    tab: "Writes",
    when: (mode, root) => mode === "part" && root === "image",
    Component: Bridging,
  },
  { id: "weights", tab: "Writes", when: (mode) => mode === "part", Component: OpenedWeights },
  {
    id: "samples",
    tab: "Writes",
    when: (mode, root) => mode === "rest" && root === "text",
    Component: Samples,
  },
  {
    id: "pictures",
    tab: "Writes",
    when: (mode, root) => mode === "rest" && root === "image",
    Component: Pictures,
  },
  { id: "grow", tab: "Growth", when: (mode) => mode === "rest", Component: WhenToGrow },
  { id: "layers", tab: "Growth", when: (mode) => mode === "rest", Component: LayerDrop },
  { id: "layers-off", tab: "Growth", when: (mode) => mode === "rest", Component: LayersOff },
  {
    id: "beside",
    tab: "Growth",
    when: (mode, root) => mode === "rest" && root === "text",
    Component: Beside,
  },
  { id: "attention", tab: "Writes", when: (mode) => mode === "rest", Component: Attention },
  { id: "history", tab: "History", when: (mode) => mode === "rest", Component: HistoryList },
];
