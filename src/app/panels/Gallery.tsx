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

/** Plates of one kind of network, under its name, in the order in which the first of each comes. */
interface Family {
  readonly id: string;
  readonly name: string;
  readonly list: readonly Preset[];
}

function families(list: readonly Preset[]): readonly Family[] {
  const ids = [...new Set(list.map(({ config }) => config.model.id))];
  return ids.map((id) => ({
    id,
    name: labelOf(catalog.models, id),
    list: list.filter(({ config }) => config.model.id === id),
  }));
}

export function Gallery(): ReactNode {
  const [wanted, setWanted] = useState("");
  const software = useRun((s) => s.device?.software ?? false);
  const [unfolded, setUnfolded] = useState(false);
  const found = presets.filter((preset) => matches(preset, wanted));
  const small = found.filter((preset) => preset.tiny);
  const full = found.filter((preset) => !preset.tiny);
  const first = software ? small : full;
  const second = software ? full : small;
  const titles = software
    ? ["Small variants, for this device: it has no GPU that the page may use", "Full size"]
    : [
        "Networks that grow, and networks to compare them with",
        "Small variants, for a phone or a machine without a GPU",
      ];
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
      {first.length === 0 ? null : (
        <section>
          <h2 className="heading">{titles[0]}</h2>
          <nav className="families" aria-label="Kinds of network">
            {families(first).map(({ id, name, list }) => (
              <button key={id} type="button" className="button small edged" onClick={() => goToFamily(id)}>
                {name} <span className="mono soft">{list.length}</span>
              </button>
            ))}
          </nav>
          <Families list={first} reached />
        </section>
      )}
      {second.length === 0 ? null : (
        // What is looked for is found folded or not.
        <details
          open={unfolded || wanted !== "" || first.length === 0}
          onToggle={(event) => {
            if (wanted === "" && first.length > 0) setUnfolded(event.currentTarget.open);
          }}
        >
          <summary>
            <h2 className="heading fold-title">{titles[1]}</h2>{" "}
            <span className="mono soft">{second.length}</span>
          </summary>
          <Families list={second} />
        </details>
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

const headingId = (family: string): string => `family-${family}`;

function goToFamily(id: string): void {
  const heading = document.getElementById(headingId(id));
  heading?.focus({ preventScroll: true });
  heading?.scrollIntoView({ block: "start" });
}

/** `reached`: their headings are where the list of kinds leads. */
function Families({
  list,
  reached = false,
}: {
  readonly list: readonly Preset[];
  readonly reached?: boolean;
}): ReactNode {
  const all = families(list);
  // Plates are numbered as they stand.
  const order = all.flatMap((family) => family.list);
  return all.map(({ id, name, list: own }) => (
    <section key={id} aria-label={name}>
      <h3 className="family" {...(reached ? { id: headingId(id), tabIndex: -1 } : {})}>
        {name}
      </h3>
      <ul className="plates">
        {own.map((preset) => (
          <li key={preset.id}>
            <PlateLink preset={preset} number={order.indexOf(preset)} />
            <Shown preset={preset} />
          </li>
        ))}
      </ul>
    </section>
  ));
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
