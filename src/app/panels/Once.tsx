/** What is seen only when asked for, in a chunk of its own: fetched when first wanted, kept from then on. */
import { type ReactNode, Suspense, useRef } from "react";

export function Once({
  when,
  children,
}: {
  readonly when: boolean;
  readonly children: ReactNode;
}): ReactNode {
  const wanted = useRef(false);
  wanted.current ||= when;
  return wanted.current ? <Suspense fallback={null}>{children}</Suspense> : null;
}
