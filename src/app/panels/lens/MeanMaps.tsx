/** The heads' maps of one layer, averaged over the batch: query down, key across. */
import { useComputedColorScheme } from "@mantine/core";
import { type ReactNode, useEffect, useRef } from "react";
import type { Lens } from "../../../run/messages.ts";
import { colourOf } from "../stage/colour.ts";

export function MeanMaps({ look, layer }: { readonly look: Lens; readonly layer: number }): ReactNode {
  if (look.maps === null || look.maps.layer !== layer) return <p className="soft">Looking.</p>;
  return (
    <div className="lens-maps">
      {look.maps.heads.map((map, head) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a head is its place
        <MeanMap key={head} map={map} time={look.time} label={`Layer ${layer + 1}, head ${head + 1}`} />
      ))}
    </div>
  );
}

function MeanMap({
  map,
  time,
  label,
}: {
  readonly map: Float32Array;
  readonly time: number;
  readonly label: string;
}): ReactNode {
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
  return (
    <canvas ref={canvas} width={time} height={time} role="img" aria-label={`${label}: mean attention map`} />
  );
}
