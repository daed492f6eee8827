/** The heads' maps of one layer, averaged over the batch: query down, key across; read out under the pointer or by keys. */
import { useComputedColorScheme } from "@mantine/core";
import { type ReactNode, useEffect, useRef, useState } from "react";
import type { Lens } from "../../../run/messages.ts";
import { type Entry, MapReader } from "../MapReader.tsx";
import { type MapOf, mapSentence } from "../map-words.ts";
import { colourOf } from "../stage/colour.ts";

export function MeanMaps({ look, layer }: { readonly look: Lens; readonly layer: number }): ReactNode {
  const [at, setAt] = useState<readonly [head: number, entry: Entry] | null>(null);
  if (look.maps === null || look.maps.layer !== layer) return <p className="soft">Looking.</p>;
  const { heads } = look.maps;
  const attends = look.grid > 0 ? ("grid" as const) : look.causal ? ("causal" as const) : ("all" as const);
  const of: MapOf = { attends, time: look.time, text: [] };
  const say = (head: number, [query, key]: Entry): string =>
    mapSentence(of, [query, key], heads[head]?.[query * look.time + key] ?? 0, `head ${head + 1} on average`);
  return (
    <>
      <div className="lens-maps">
        {heads.map((map, head) => (
          <MapReader
            // biome-ignore lint/suspicious/noArrayIndexKey: a head is its place
            key={head}
            rows={look.time}
            cols={look.time}
            label={`Layer ${layer + 1}, head ${head + 1}: mean attention map`}
            at={at?.[0] === head ? at[1] : null}
            onAt={(entry) => setAt(entry === null ? null : [head, entry])}
            say={(entry) => say(head, entry)}
          >
            <MeanMap map={map} time={look.time} />
          </MapReader>
        ))}
      </div>
      <p className="mono lens-read">{at === null ? "" : say(...at)}</p>
    </>
  );
}

function MeanMap({ map, time }: { readonly map: Float32Array; readonly time: number }): ReactNode {
  const canvas = useRef<HTMLCanvasElement>(null);
  const scheme = useComputedColorScheme("light");
  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!context) return;
    const image = context.createImageData(time, time);
    const words = new Uint32Array(image.data.buffer);
    for (let i = 0; i < words.length; i++) words[i] = colourOf(map[i] ?? 0, 1, "sequential", scheme, i);
    context.putImageData(image, 0, 0);
  }, [map, time, scheme]);
  return <canvas ref={canvas} width={time} height={time} />;
}
