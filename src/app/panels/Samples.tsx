/** What it writes: the same prompt, again and again, so that a person reads the learning. Newest first. */
import { Button, Slider, TextInput } from "@mantine/core";
import { NumberBox } from "../controls/NumberBox.tsx";
import { plain, whole } from "../format.ts";
import { send } from "../store/client.ts";
import { setRun, useRun } from "../store/store.ts";

/** Lines shown: enough to compare, few enough that the rail still says when it grows. */
const SHOWN = 3;

export function Samples() {
  const samples = useRun((s) => s.samples);
  const sampling = useRun((s) => s.sampling);
  const newest = [...samples].reverse().slice(0, SHOWN);
  const how = sampling.temperature === 0 ? "greedy" : `temperature ${plain(sampling.temperature)}`;
  return (
    <section className="rail-section" aria-labelledby="samples-title">
      <h2 id="samples-title">What it writes</h2>
      <div className="samples" aria-live="off">
        {newest.length === 0 && (
          <p className="caption soft">Nothing yet. It writes a line every few seconds while it trains.</p>
        )}
        {newest.map((sample) => (
          <div className="sample" key={`${sample.step} ${sample.text}`}>
            <b>{whole(sample.step)}</b>
            <p>
              <span className="prompt">{sample.prompt}</span>
              {sample.text}
            </p>
          </div>
        ))}
      </div>
      <details className="samples-how">
        <summary>
          after “{sampling.prompt}”, {how}, {whole(sampling.length)} characters
        </summary>
        <WriteForm />
      </details>
    </section>
  );
}

function WriteForm() {
  const ready = useRun((s) => s.state !== null);
  const sampling = useRun((s) => s.sampling);
  const { prompt, temperature, length } = sampling;
  const set = (change: Partial<typeof sampling>): void => setRun({ sampling: { ...sampling, ...change } });
  return (
    <form
      className="samples-form"
      onSubmit={(event) => {
        event.preventDefault();
        send({ type: "sample", prompt, temperature, length });
      }}
    >
      <label htmlFor="samples-prompt">Prompt</label>
      <TextInput
        id="samples-prompt"
        size="xs"
        value={prompt}
        onChange={(e) => set({ prompt: e.currentTarget.value })}
        maxLength={200}
      />
      <span>Temperature</span>
      <div className="samples-slider">
        <Slider
          thumbLabel="Temperature"
          size={3}
          min={0}
          max={1.5}
          step={0.1}
          value={temperature}
          onChange={(value) => set({ temperature: value })}
          label={null}
          flex={1}
        />
        <output className="mono">{temperature === 0 ? "greedy" : plain(temperature)}</output>
      </div>
      <label htmlFor="samples-length">Characters</label>
      <NumberBox id="samples-length" most={400} value={length} onSet={(value) => set({ length: value })} />
      <Button type="submit" size="xs" variant="default" disabled={!ready}>
        Write now
      </Button>
    </form>
  );
}
