/** Which of the five grids the window gets: one name for stylesheets and components alike. */
import { useSyncExternalStore } from "react";

export type Layout = "huge" | "wide" | "medium" | "narrow" | "phone";

const FROM: readonly (readonly [Layout, number])[] = [
  ["huge", 1680],
  ["wide", 1280],
  ["medium", 1024],
  ["narrow", 640],
];

function layoutNow(): Layout {
  return FROM.find(([, width]) => window.matchMedia(`(min-width: ${width}px)`).matches)?.[0] ?? "phone";
}

function subscribe(changed: () => void): () => void {
  const queries = FROM.map(([, width]) => window.matchMedia(`(min-width: ${width}px)`));
  for (const query of queries) query.addEventListener("change", changed);
  return () => {
    for (const query of queries) query.removeEventListener("change", changed);
  };
}

export function useLayout(): Layout {
  return useSyncExternalStore(subscribe, layoutNow);
}

/** One column: the bar folds into a menu and the transport stands under the thumb. */
export const isColumn = (layout: Layout): boolean => layout === "narrow" || layout === "phone";
