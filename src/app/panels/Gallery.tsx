/** Presets as plates. Each is a link and opens as one: nothing starts until Play. */
import { type ReactNode, useEffect, useState } from "react";
import { encodeLink } from "../../share/link.ts";
import { type Preset, presets } from "../../share/presets.ts";
import { shownOn } from "../../share/shown.ts";
import { count, plain } from "../format.ts";
import { routeHash } from "../route.ts";
import { catalog, labelOf } from "../store/catalog.ts";
import { byHand, growths } from "../store/draft.ts";
import { useRun } from "../store/store.ts";
import { Plate } from "./Plate.tsx";

/** "I", "II", … for the plates' numbers. */
export function roman(n: number): string {
  const parts = [
    [10, "X"],
    [9, "IX"],
    [5, "V"],
    [4, "IV"],
    [1, "I"],
  ] as const;
  let out = "";
  for (const [value, letters] of parts) for (; n >= value; n -= value) out += letters;
  return out;
}

function matches(preset: Preset, wanted: string): boolean {
  const words = wanted.toLowerCase().split(/\s+/).filter(Boolean);
  const text = `${preset.id} ${preset.title} ${preset.look} ${labelOf(catalog.data, preset.config.data.id)} ${labelOf(catalog.models, preset.config.model.id)}`;
  return words.every((word) => text.toLowerCase().includes(word));
}

export function Gallery(): ReactNode {
  const [wanted, setWanted] = useState("");
  const software = useRun((s) => s.device?.software ?? false);
  const found = presets.filter((preset) => matches(preset, wanted));
  const small = found.filter((preset) => preset.tiny);
  const full = found.filter((preset) => !preset.tiny);
  const sections = software
    ? ([
        ["Small variants, for this device: it has no GPU that the page may use", small],
        ["Full size", full],
      ] as const)
    : ([
        ["Networks that grow, and networks to compare them with", full],
        ["Small variants, for a phone or a machine without a GPU", small],
      ] as const);
  return (
    <main className="gallery" id="network" tabIndex={-1}>
      <div className="gallery-head">
        <h1 className="title">Gallery</h1>
        <p>Each plate opens as a link. Nothing starts until you press Play.</p>
        <input
          id="find-preset"
          className="find"
          type="search"
          placeholder="Find a preset"
          aria-label="Find a preset"
          value={wanted}
          onChange={(event) => setWanted(event.currentTarget.value)}
        />
      </div>
      {sections.map(([title, list]) =>
        list.length === 0 ? null : (
          <section key={title}>
            <h2 className="heading">{title}</h2>
            <ul className="plates">
              {list.map((preset, i) => (
                <li key={preset.id}>
                  <PlateLink preset={preset} number={i} />
                  <Shown preset={preset} />
                </li>
              ))}
            </ul>
          </section>
        ),
      )}
      {found.length === 0 ? <p>No preset is called that.</p> : null}
    </main>
  );
}

/** Beside the plate, which is a link itself. */
function Shown({ preset }: { readonly preset: Preset }): ReactNode {
  const page = shownOn(preset.id);
  return page === null ? null : (
    <a className="plate-shown caption" href={routeHash.reproduced(page)}>
      How it came out here
      <span className="hidden">: {preset.title}</span>
    </a>
  );
}

function PlateLink({ preset, number }: { readonly preset: Preset; readonly number: number }): ReactNode {
  const { config } = preset;
  // Packing is asynchronous; until it is done the plate leads to the playground.
  const [link, setLink] = useState<string | null>(null);
  useEffect(() => {
    void encodeLink(config).then(setLink);
  }, [config]);
  const grown = growths(config).filter(({ entry }) => !byHand(entry)).length;
  return (
    <a className="plate-card" href={link === null ? routeHash.play : `#${link}`}>
      <span className="plate soft">Plate {roman(number + 1)}</span>
      <Plate config={config} />
      <span className="plate plate-title">{preset.title}</span>
      <span className="plate-look">{preset.look}</span>
      <span className="row spread caption soft">
        <span>
          {labelOf(catalog.data, config.data.id)}, {plain(config.budget.amount)} steps
          {grown > 0 ? `, ${count(grown, "rule")} to grow` : ""}
        </span>
        <b className="plate-open">Open</b>
      </span>
    </a>
  );
}
