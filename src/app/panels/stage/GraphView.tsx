/**
 * A small network as a graph (design: MLP, graph view): units in rows over the image, edges as wide as their weights are
 * large. What has been grown or cut lights up edge by edge in rank order; newborn edges stay bright for 50 updates. Every
 * unit is a button: it can be selected, and what can be done to it stands in the rail.
 */
import { useEffect, useMemo, useRef } from "react";
import type { Anatomy, RunView } from "../../../run/messages.ts";
import { whole } from "../../format.ts";
import { type Scheme, tokens } from "../../tokens.ts";
import { colourOf } from "./colour.ts";
import { GraphUnits } from "./GraphUnits.tsx";
import {
  type Change,
  changeOf,
  comparable,
  type Edge,
  edgesOf,
  type GraphLayout,
  keyOf,
  layoutGraph,
  MOST_EDGES,
  newbornUnits,
  type Spot,
  shownOf,
} from "./graph.ts";
import type { Heading } from "./headed.ts";
import { freshOf } from "./paint.ts";
import { paintPicture } from "./picture.ts";

export interface GraphViewProps {
  readonly anatomy: Anatomy;
  readonly view: RunView;
  readonly scheme: Scheme;
  readonly reduced: boolean;
  readonly width: number;
  readonly height: number;
  readonly heading: Heading | null;
  readonly pinned: string | null;
  onPin(id: string | null): void;
}

/** Milliseconds for which an edge that was cut is seen to go. */
const GOING = 600;

const css = (word: number, alpha: number): string =>
  `rgb(${word & 255} ${(word >>> 8) & 255} ${(word >>> 16) & 255} / ${alpha})`;

export function GraphView(props: GraphViewProps) {
  const { view, width, height, scheme, reduced } = props;
  const bottom = props.heading?.bottom ?? 0;
  const graph = view.graph;
  const layout = useMemo(
    () => layoutGraph(graph ?? [], width, height, bottom),
    [graph, width, height, bottom],
  );
  const edges = useMemo(() => edgesOf(graph ?? []), [graph]);
  const canvas = useRef<HTMLCanvasElement>(null);
  const seen = useRef<{ readonly edges: readonly Edge[]; readonly graph: RunView["graph"] } | null>(null);
  const change = useRef<{ readonly change: Change; readonly start: number } | null>(null);

  useEffect(() => {
    const last = seen.current;
    if (last?.edges !== edges) {
      const same = last !== null && comparable(last.graph ?? [], graph ?? []);
      const told = changeOf(same ? last.edges : null, edges, reduced);
      if (told.born.size > 0 || told.died.length > 0)
        change.current = { change: told, start: performance.now() };
      seen.current = { edges, graph };
    }
    const element = canvas.current;
    const context = element?.getContext("2d");
    if (!element || !context) return;
    const ratio = Math.min(2, window.devicePixelRatio || 1);
    element.width = Math.round(width * ratio);
    element.height = Math.round(height * ratio);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    let frame = 0;
    const tick = (): void => {
      const running = change.current;
      const elapsed = running === null ? 0 : performance.now() - running.start;
      draw(context, { layout, edges, view, scheme, width, height }, running?.change ?? null, elapsed);
      if (running === null) return;
      if (elapsed > running.change.ends + GOING) change.current = null;
      frame = requestAnimationFrame(tick);
    };
    tick();
    return () => cancelAnimationFrame(frame);
  }, [edges, layout, view, scheme, width, height, reduced, graph]);

  return (
    <div className="stage-drawing" style={{ width, height }}>
      <canvas
        ref={canvas}
        className="stage-canvas"
        style={{ width, height }}
        role="img"
        aria-label={say(props, edges)}
      />
      {/* Over the edges: where many meet they would cover it. */}
      <Image layout={layout} view={view} scheme={scheme} />
      {graph === null ? null : <GraphUnits {...props} layout={layout} edges={edges} />}
      {edges.length > MOST_EDGES ? (
        <p className="graph-note caption soft">
          {whole(MOST_EDGES)} of {whole(edges.length)} edges in use: newborn ones, then the strongest.
        </p>
      ) : null}
    </div>
  );
}

/** "Graph of the network: 196 pixels, 32, 10 units in rows, 6,592 edges in use." */
function say({ view }: GraphViewProps, edges: readonly Edge[]): string {
  const { graph } = view;
  if (graph === null) return "The graph comes with the next look at the network.";
  const rows = graph
    .map(({ units, gates }) => (gates ? `${gates.length} gates of ${units / gates.length}` : whole(units)))
    .join(", ");
  const first = graph[0]!;
  if (first.from !== undefined) {
    const read = first.from.map(({ name, count }) => `${whole(count)} of ${name}`).join(" and ");
    return `Graph of the network: over ${read} rows of ${rows} units, ${whole(edges.length)} edges in use.`;
  }
  const from = first.pixelsAcross === null ? count(first.sources) : `${whole(first.sources)} pixels`;
  return `Graph of the network: over ${from} rows of ${rows} units, ${whole(edges.length)} edges in use.`;
}

const count = (n: number): string => (n === 1 ? "the image" : `${whole(n)} sources`);

interface Scene {
  readonly layout: GraphLayout;
  readonly edges: readonly Edge[];
  readonly view: RunView;
  readonly scheme: Scheme;
  readonly width: number;
  readonly height: number;
}

function draw(context: CanvasRenderingContext2D, scene: Scene, change: Change | null, elapsed: number): void {
  const { layout, edges, view, scheme, width, height } = scene;
  const { bud, cut } = tokens[scheme];
  const limit = Math.max(view.weightScale, 1e-9);
  context.clearRect(0, 0, width, height);
  const line = ({ layer, unit, source }: Edge): void => {
    const from = layout.rows[layer]?.[source];
    const to = layout.rows[layer + 1]?.[unit];
    if (from === undefined || to === undefined) return;
    context.beginPath();
    context.moveTo(from.x, from.y);
    context.lineTo(to.x, to.y);
    context.stroke();
  };
  // The strongest last, over the others.
  const newborn = ({ life }: Edge): boolean => freshOf(life, view.step) > 0;
  const shown = shownOf(edges, newborn);
  for (let i = shown.length - 1; i >= 0; i--) {
    const edge = shown[i]!;
    const at = change?.born.get(keyOf(edge));
    if (at !== undefined && elapsed < at) continue;
    const size = Math.min(1, Math.abs(edge.weight) / limit);
    const lit = at !== undefined && elapsed < at + GOING;
    const fresh = freshOf(edge.life, view.step);
    context.lineWidth = lit ? 2.4 : 0.4 + 2.2 * size;
    context.globalAlpha = 1;
    context.strokeStyle = css(colourOf(edge.weight, limit, "diverging", scheme, 0), 0.12 + 0.8 * size);
    line(edge);
    if (!lit && fresh === 0) continue;
    context.globalAlpha = lit ? 1 : 0.85 * fresh;
    context.strokeStyle = bud;
    line(edge);
  }
  for (const { edge, at } of change?.died ?? []) {
    const gone = Math.max(0, elapsed - at) / GOING;
    if (gone > 1) continue;
    context.globalAlpha = elapsed < at ? 0.4 : 1 - gone;
    context.lineWidth = 1.6;
    context.strokeStyle = cut;
    line(edge);
  }
  context.globalAlpha = 1;
  units(context, scene, newbornUnits(edges, newborn));
  names(context, scene);
}

/** Units as discs, as dark as they are active for this image. */
function units(
  context: CanvasRenderingContext2D,
  { layout, view, scheme }: Scene,
  born: ReadonlySet<string>,
): void {
  const { bud, ink, surface } = tokens[scheme];
  layout.rows.forEach((row, k) => {
    if (k === 0 && layout.image !== null) return;
    const tile = k === 0 ? undefined : view.tiles[`${view.graph?.[k - 1]?.tier}.units`];
    const whole = tile !== undefined && tile.data.length === row.length;
    const most = whole ? Math.max(1e-9, ...tile.data) : 1;
    const gates = view.graph?.[k - 1]?.gates !== undefined;
    const guess = k === layout.rows.length - 1 && !gates ? view.next : null;
    row.forEach(({ x, y }, i) => {
      const value = whole ? Math.max(0, tile.data[i]!) / most : (guess?.[i]?.probability ?? 0);
      context.beginPath();
      context.arc(x, y, layout.radius, 0, 2 * Math.PI);
      context.fillStyle = surface;
      context.fill();
      context.fillStyle = css(colourOf(value, 1, "sequential", scheme, i), 1);
      context.fill();
      context.lineWidth = 1.2;
      context.strokeStyle = ink;
      context.stroke();
      if (born.has(`${k - 1} ${i}`)) ring(context, { x, y }, layout.radius + 3, bud);
      if (guess === null || guess[i] === undefined) return;
      context.fillStyle = ink;
      context.font = "400 12px 'IBM Plex Mono', monospace";
      context.textAlign = "center";
      context.fillText(guess[i].symbol, x, y - layout.radius - 5);
    });
  });
}

/** Round a newborn: a ring and, at its upper right, a dot, as at a newborn tile. */
function ring(context: CanvasRenderingContext2D, { x, y }: Spot, radius: number, colour: string): void {
  context.lineWidth = 2;
  context.strokeStyle = colour;
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.stroke();
  context.fillStyle = colour;
  context.beginPath();
  context.arc(x + 0.75 * radius, y - 0.75 * radius, 2.6, 0, 2 * Math.PI);
  context.fill();
}

/** What groups of units and of sources are called. */
function names(context: CanvasRenderingContext2D, { layout, scheme }: Scene): void {
  context.fillStyle = tokens[scheme].soft;
  context.font = "500 12px 'IBM Plex Mono', monospace";
  context.textAlign = "center";
  for (const { x, y, text } of layout.names) context.fillText(text, x, y);
}

/** The image whose pixels are the lowest row. */
function Image({ layout, view, scheme }: Pick<Scene, "layout" | "view" | "scheme">) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { picture } = view;
  useEffect(() => {
    if (canvas.current !== null && picture !== null) paintPicture(canvas.current, picture, tokens[scheme]);
  }, [picture, scheme]);
  if (layout.image === null || picture === null) return null;
  const { x, y, side } = layout.image;
  return (
    <canvas
      ref={canvas}
      className="graph-image"
      width={picture.width}
      height={picture.height}
      style={{ left: x, top: y, width: side, height: side }}
    />
  );
}
