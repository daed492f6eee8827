/**
 * The icons: 16 px, stroke 1.6, round ends, the colour of their text. All are decoration beside a word, or stand in a
 * button that has a name, so they are hidden from screen readers.
 */
import type { ReactNode } from "react";

const PATHS = {
  play: <path d="M5 3.2v9.6L12.6 8z" fill="currentColor" />,
  pause: <path d="M5.5 3.5v9M10.5 3.5v9" strokeWidth={2.4} />,
  step: <path d="M3.5 3.5v9L9.6 8zM12.5 3.5v9" />,
  reset: <path d="M3.2 5.6A5.4 5.4 0 1 1 2.6 9M3 2.4v3.4h3.4" />,
  undo: <path d="M6 2.8 2.8 6 6 9.2M3 6h6.4a3.6 3.6 0 0 1 0 7.2H6" />,
  redo: <path d="M10 2.8 13.2 6 10 9.2M13 6H6.6a3.6 3.6 0 0 0 0 7.2H10" />,
  link: (
    <path d="M6.8 9.2a2.8 2.8 0 0 0 4 0l2.3-2.3a2.8 2.8 0 0 0-4-4L8 4M9.2 6.8a2.8 2.8 0 0 0-4 0L2.9 9.1a2.8 2.8 0 0 0 4 4L8 12" />
  ),
  help: <path d="M5.6 5.8A2.4 2.4 0 1 1 8.8 8c-.6.3-.8.7-.8 1.5M8 12.4v.1" />,
  grow: (
    <path d="M8 14V7.5M8 9C8 6 6 4.2 2.8 4.2 2.8 7.2 4.8 9 8 9zM8 7.5c0-2.6 1.8-4.4 5.2-4.9.2 3.2-1.8 4.9-5.2 4.9z" />
  ),
  prune: (
    <path d="M13.5 3 5.9 9.4M13.5 12.6 5.9 6.6M4.2 4a2 2 0 1 1 0 3.4 2 2 0 0 1 0-3.4M4.2 8.6a2 2 0 1 1 0 3.4 2 2 0 0 1 0-3.4" />
  ),
  branch: <path d="M5 13.5V2.5M5 9.5c0-2.5 6-1.2 6-4.5M9 6.5 11 4.5l2 2" />,
  pin: <path d="M8 14V9.5M4.5 9.5h7M5.5 9.5V4l-1-1.5h7l-1 1.5v5.5" />,
  paper: <path d="M4 2.2h5.2L12 5v8.8H4zM9 2.4V5.2h2.8M6 8h4M6 10.6h4" strokeWidth={1.3} />,
  fold: <path d="M2.5 4h11M2.5 8h11M2.5 12h11" />,
  close: <path d="M4 4l8 8M12 4l-8 8" />,
  before: <path d="M9.8 4.5 6.2 8l3.6 3.5" />,
  after: <path d="M6.2 4.5 9.8 8l-3.6 3.5" />,
  down: <path d="M4.5 6.2 8 9.8l3.5-3.6" />,
  more: <path d="M3.5 8h.1M8 8h.1M12.5 8h.1" strokeWidth={2.4} />,
  sun: (
    <path d="M8 5.2a2.8 2.8 0 1 1 0 5.6 2.8 2.8 0 0 1 0-5.6zM8 1.4v1.2M8 13.4v1.2M1.4 8h1.2M13.4 8h1.2M3.4 3.4l.8.8M11.8 11.8l.8.8M12.6 3.4l-.8.8M4.2 11.8l-.8.8" />
  ),
  table: <path d="M2.5 3.5h11v9h-11zM2.5 6.6h11M2.5 9.6h11M6.2 6.6v5.9" strokeWidth={1.3} />,
  save: <path d="M8 2.5v7.2M5 7l3 3 3-3M3 13.2h10" />,
  file: <path d="M3 12.8V3.4h3.6l1.4 1.8h5v7.6z" />,
  check: <path d="M3.4 8.6 6.6 12l6-7.6" />,
  drag: <path d="M6 4h.1M10 4h.1M6 8h.1M10 8h.1M6 12h.1M10 12h.1" strokeWidth={2.2} />,
} satisfies Record<string, ReactNode>;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 16 }: { readonly name: IconName; readonly size?: number }): ReactNode {
  return (
    <svg
      aria-hidden="true"
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth={1.6}
      strokeLinecap="round"
      strokeLinejoin="round"
      style={{ flex: "none" }}
    >
      {PATHS[name]}
    </svg>
  );
}

/** The mark: trunk, three wires, two pairs of arms, a bud. */
export function Brand(): ReactNode {
  return (
    <svg aria-hidden="true" width={22} height={24} viewBox="0 0 22 24" fill="none" strokeLinecap="round">
      <path d="M2 21h18M2 14.5h18M5 8h12" stroke="var(--wire)" strokeWidth={1} />
      <path
        d="M11 23V4.5M11 21 5.5 14.8M11 21l5.5-6.2M11 14 6.8 8.4M11 14l4.2-5.6"
        stroke="currentColor"
        strokeWidth={1.7}
      />
      <circle cx={11} cy={3} r={2} fill="var(--bud)" />
    </svg>
  );
}
