/**
 * The network beside an LSTM of as many parameters: what that would be, the button that trains it, and what came of it.
 * For networks whose cells stand in blocks; others have nothing here.
 */
import { Select } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { EQUAL_LAYERS } from "../../run/equal-lstm.ts";
import { useFocusKept } from "../focus.ts";
import { count } from "../format.ts";
import { Icon } from "../Icons.tsx";
import {
  beginLinkedBeside,
  besideOffered,
  compareWithLstm,
  equalNow,
  equalWords,
  linkedBeside,
  sayBeside,
  sayLinked,
  swapBeside,
} from "../store/beside.ts";
import { besideNow } from "../store/pair.ts";
import { type AppState, useRun, useSlow } from "../store/store.ts";

const PLACE = '[aria-labelledby="beside-title"]';

export function Beside(): ReactNode {
  const offered = useRun(besideOffered);
  const paired = useRun((s) => besideNow(s) !== null);
  const linked = useRun((s) => linkedBeside(s) !== null);
  useFocusKept(PLACE, [`${PLACE} .button:enabled`, `${PLACE} h2`]);
  if (!offered) return null;
  return (
    <section className="rail-section" aria-labelledby="beside-title">
      <h2 className="heading" id="beside-title" tabIndex={-1}>
        Beside an LSTM
      </h2>
      {paired ? <Compared /> : linked ? <Linked /> : <Offer />}
    </section>
  );
}

const saidOf = (state: AppState): string => sayBeside(state).join("\n");

function Compared(): ReactNode {
  const words = useRun((s) => s.pair?.words ?? "");
  const other = useRun((s) => besideNow(s)?.other.name ?? "");
  const back = useRun((s) => s.pair !== null && s.run === s.pair.lstm.run);
  const said = useSlow(saidOf, 1000);
  return (
    <>
      <p>{words}</p>
      <div className="caption soft beside-said" role="status">
        {said.split("\n").map((sentence) => (
          <p key={sentence}>{sentence}</p>
        ))}
      </div>
      <button type="button" className="button edged try-all" onClick={() => void swapBeside()}>
        <Icon name="branch" />
        {back ? `Back to ${other}` : `To the ${other}`}
      </button>
    </>
  );
}

function Linked(): ReactNode {
  const name = useRun((s) => {
    const link = linkedBeside(s);
    return link === null ? "" : sayLinked(link);
  });
  const armed = useRun((s) => linkedBeside(s)?.armed === true);
  return (
    <>
      <p>This link compares the network with an {name}: the same data, seed and budget for both.</p>
      <button type="button" className="button edged try-all" disabled={armed} onClick={beginLinkedBeside}>
        <Icon name="branch" />
        {armed ? "The LSTM follows when this has ended" : "Train this, then the LSTM"}
      </button>
    </>
  );
}

const LAYERS = Array.from({ length: EQUAL_LAYERS }, (_, i) => ({
  value: String(i + 1),
  label: count(i + 1, "layer"),
}));

/** A sentence that says whether it can be begun, in one string: it is asked for with every state. */
const offerOf =
  (layers: number) =>
  (state: AppState): string => {
    const lstm = equalNow(state, layers);
    return typeof lstm === "string" ? `!${lstm}` : equalWords(lstm, state.state?.active ?? 0);
  };
const OFFERS = LAYERS.map((_, i) => offerOf(i + 1));

function Offer(): ReactNode {
  const [layers, setLayers] = useState(1);
  const said = useSlow(OFFERS[layers - 1]!, 1000);
  const trained = useRun((s) => s.clock.step > 0);
  const refused = said.startsWith("!");
  return (
    <>
      <div className="beside-row">
        <button
          type="button"
          className="button edged"
          disabled={refused || !trained}
          onClick={() => void compareWithLstm(layers)}
        >
          <Icon name="branch" />
          Compare with an LSTM of as many parameters
        </button>
        <Select
          size="xs"
          aria-label="Layers of the LSTM"
          allowDeselect={false}
          data={LAYERS}
          value={String(layers)}
          onChange={(value) => setLayers(Number(value ?? 1))}
        />
      </div>
      <p className="caption soft grow-note" aria-live="polite">
        {refused
          ? said.slice(1)
          : `${said} ${trained ? "Same data, seed, batches and budget; this run is kept." : "Train this first: its curve will lie over the LSTM's."}`}
      </p>
    </>
  );
}
