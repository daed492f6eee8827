/** The name of what is pinned, over what the rail says of it, and the button that lets it go. */
import type { ReactNode } from "react";
import { Icon } from "../Icons.tsx";
import { setRun } from "../store/store.ts";

export function RailHead({ children }: { readonly children: ReactNode }): ReactNode {
  return (
    <div className="row spread">
      <h2>{children}</h2>
      <button
        type="button"
        className="icon-button"
        aria-label="Close"
        onClick={() => setRun({ pinned: null })}
      >
        <Icon name="close" size={14} />
      </button>
    </div>
  );
}
