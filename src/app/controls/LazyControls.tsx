/** The controls in a chunk of their own: the network can be played before they have come. */
import { lazy, type ReactNode, Suspense } from "react";

const Loaded = lazy(() => import("./Controls.tsx").then((m) => ({ default: m.Controls })));

export function Controls(): ReactNode {
  return (
    <Suspense fallback={<div className="controls" aria-busy="true" />}>
      <Loaded />
    </Suspense>
  );
}
