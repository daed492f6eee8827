/** What is in it takes the worker's word a task after the stage and the bar, in a task of its own: see store/later.ts. */
import { type ReactNode, useEffect, useState } from "react";
import { follower } from "../store/later.ts";
import { runStore, StateHere } from "../store/store.ts";

export function Later({ children }: { readonly children: ReactNode }): ReactNode {
  const [{ store, follow }] = useState(() => follower(runStore));
  useEffect(follow, [follow]);
  return <StateHere.Provider value={store}>{children}</StateHere.Provider>;
}
