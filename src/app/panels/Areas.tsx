/**
 * The areas of the convolution that is selected, over the image that is looked at, and a rectangle of them to switch off or
 * on by hand. What it does is the method `areas`, with its rules.
 */
import { type ReactNode, useId, useMemo, useState } from "react";
import type { Choice } from "../../run/config.ts";
import type { AreaMaps, Part, Picture } from "../../run/messages.ts";
import { NumberBox } from "../controls/NumberBox.tsx";
import { compact, count, whole } from "../format.ts";
import { Icon } from "../Icons.tsx";
import { act } from "../store/actions.ts";
import { beforeAsking } from "../store/can.ts";
import { catalog, choiceOf, find } from "../store/catalog.ts";
import { predicted } from "../store/foretold.ts";
import { askPreview, toldOf } from "../store/previews.ts";
import { selectionOf } from "../store/selection.ts";
import { type AppState, useRun, useSlow } from "../store/store.ts";
import { AreaSheet } from "./AreaSheet.tsx";
import { type AreaPlaces, countIn, type Rectangle, type Slices } from "./stage/areas.ts";

const viewOf = (state: AppState) => (state.view?.run === state.run ? state.view : null);

export function Areas(): ReactNode {
  const pinned = useRun((s) => s.pinned);
  const anatomy = useRun((s) => s.state?.anatomy ?? null);
  const view = useSlow(viewOf, 250);
  const selection = selectionOf(anatomy, pinned);
  const part =
    selection?.target === "" ? undefined : selection?.weights.find(({ area }) => area !== undefined);
  if (part?.area === undefined || view?.picture == null) return null;
  const maps = view.areas?.part === part.id ? view.areas : null;
  return <Painter key={part.id} part={part} places={part.area} maps={maps} picture={view.picture} />;
}

interface PainterProps {
  readonly part: Part;
  readonly places: AreaPlaces;
  readonly maps: AreaMaps | null;
  readonly picture: Picture;
}

const sizeAlong = (part: Part, axis: number): number =>
  (part.slice[axis]?.[1] ?? 1) - (part.slice[axis]?.[0] ?? 0);

function Painter({ part, places, maps, picture }: PainterProps): ReactNode {
  const title = useId();
  const note = useId();
  const [made, reads] = [sizeAlong(part, 0), sizeAlong(part, 1)];
  const [chosen, setSlices] = useState<Slices>({ map: null, reads: null });
  const of: Slices = {
    // A map may have left the network meanwhile.
    map: chosen.map !== null && chosen.map < made ? chosen.map : null,
    reads: reads === 1 ? null : chosen.reads !== null && chosen.reads < reads ? chosen.reads : null,
  };
  const [rectangle, setRectangle] = useState<Rectangle>({ top: 0, left: 0, height: 4, width: 4 });
  const { share, places: all } = countIn(maps, places, of, rectangle);
  const entry = find(catalog.actions, "areas");
  const target = part.kind === "weight" ? part.path : "";
  const action = (mode: "erase" | "paint"): Choice => ({
    ...(entry === null ? { id: "areas" } : choiceOf(entry)),
    ...rectangle,
    ...{ mode, target, map: of.map ?? -1, reads: of.reads ?? -1 },
  });
  const open = useRun((s) => s.phase === "paused" || s.phase === "running");
  const before = useRun(beforeAsking);
  const standing = before === null;
  const told = useRun((s) => toldOf(s, action("erase")));
  const [pressed, setPressed] = useState<string | null>(null);
  const refusal = useRun((s) => s.refusal);
  const refused = pressed !== null && refusal !== null && refusal.id !== pressed ? refusal.message : null;
  const press = (mode: "erase" | "paint"): void => {
    if (!open) return;
    setPressed(refusal?.id ?? "");
    act(action(mode));
  };
  return (
    <section className="rail-section areas" aria-labelledby={title}>
      <h2 id={title}>Areas on the image</h2>
      <Meter part={part} places={places} maps={maps} />
      <AreaSheet
        {...{ places, maps, picture, of, rectangle, note }}
        onRectangle={setRectangle}
        onErase={() => press("erase")}
      />
      <div className="areas-slices">
        <SliceField
          label={`Map, 1 to ${whole(made)}`}
          most={made}
          value={of.map}
          onSet={(map) => setSlices((old) => ({ ...old, map }))}
        />
        {reads === 1 ? null : (
          <SliceField
            label={`Reads map, 1 to ${whole(reads)}`}
            most={reads}
            value={of.reads}
            onSet={(read) => setSlices((old) => ({ ...old, reads: read }))}
          />
        )}
      </div>
      <p className="caption soft" id={note}>
        {`${rectangle.height} × ${rectangle.width} places from row ${rectangle.top + 1}, column ${rectangle.left + 1}: `}
        {`${Math.round(100 * share)} % of ${count(all, "place")} in use${of.map === null ? ", over all maps" : ""}. `}
        Drag a rectangle, or move it with the arrows and size it with Shift.
      </p>
      <p className="caption" aria-live="polite">
        {refused ??
          (told === null || told === "asking"
            ? ""
            : told.outcome === null
              ? told.message
              : `Erased: ${predicted(told.outcome, null, "image")}`)}
      </p>
      <div className="row wrap">
        {(["erase", "paint"] as const).map((what) => (
          <button
            key={what}
            type="button"
            className="button small edged"
            aria-disabled={!open}
            onClick={() => press(what)}
          >
            <Icon name={what === "erase" ? "prune" : "grow"} size={14} />
            {what === "erase" ? "Erase" : "Paint"}
          </button>
        ))}
        <button
          type="button"
          className="button small"
          aria-disabled={!standing || told === "asking"}
          title={before ?? undefined}
          onClick={() => {
            if (standing && told !== "asking") void askPreview(action("erase"));
          }}
        >
          Preview
        </button>
      </div>
    </section>
  );
}

/** FLOPs of this convolution, an image: where its kernels are used, of what whole maps would take. */
function Meter({ part, places, maps }: Pick<PainterProps, "part" | "places" | "maps">): ReactNode {
  const kernel = sizeAlong(part, 2);
  const all = 2 * kernel ** 2 * sizeAlong(part, 0) * sizeAlong(part, 1) * places.rows * places.columns;
  const share = useMemo(() => {
    if (maps === null) return 1;
    let on = 0;
    for (const place of maps.on) on += place;
    return on / maps.on.length;
  }, [maps]);
  const percent = `${Math.round(100 * share)} %`;
  return (
    <div className="areas-meter">
      <i aria-hidden="true">
        <b style={{ width: `${100 * share}%` }} />
      </i>
      <span className="caption">
        {compact(share * all)} of {compact(all)} FLOPs an image, {percent}
      </span>
    </div>
  );
}

function SliceField(props: {
  readonly label: string;
  readonly most: number;
  readonly value: number | null;
  readonly onSet: (value: number | null) => void;
}): ReactNode {
  const { label, most, value, onSet } = props;
  return (
    <NumberBox
      label={label}
      most={most}
      placeholder="all"
      value={value === null ? null : value + 1}
      onSet={(next) => onSet(next - 1)}
      onNone={() => onSet(null)}
    />
  );
}
