/** What the bar has no room for: places on small windows, redo, projector, folding, licences, light and dark. */
import { Menu, useMantineColorScheme } from "@mantine/core";
import type { ReactNode } from "react";
import { Icon } from "../Icons.tsx";
import { ROUTES, routeHash } from "../route.ts";
import { redo, reset } from "../store/actions.ts";
import { setRun, useRun } from "../store/store.ts";
import { graphable } from "./stage/graph.ts";

export function BarMenu({ all }: { readonly all: boolean }): ReactNode {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const projector = useRun((s) => s.projector);
  const page = useRun((s) => s.route.page);
  const controlsFolded = useRun((s) => s.controlsFolded);
  const railFolded = useRun((s) => s.railFolded);
  const graph = useRun((s) => s.graph);
  const canGraph = useRun((s) => s.state !== null && graphable(s.state.anatomy));
  const canRedo = useRun((s) => s.redo.length > 0);
  return (
    <Menu position="bottom-end" width={230} shadow="none" classNames={{ dropdown: "menu" }}>
      <Menu.Target>
        <button type="button" className="button square" aria-label="Menu">
          <Icon name="more" />
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        {all
          ? ROUTES.map(([id, label, href]) => (
              <Menu.Item key={id} component="a" href={href}>
                {label}
              </Menu.Item>
            ))
          : null}
        {all ? <Menu.Divider /> : null}
        <Menu.Item onClick={redo} disabled={!canRedo}>
          Redo
        </Menu.Item>
        <Menu.Item onClick={reset}>Reset to step 0</Menu.Item>
        {page === "play" && canGraph ? (
          <Menu.Item onClick={() => setRun({ graph: !graph })}>
            {graph ? "Show as tiles" : "Show as a graph"}
          </Menu.Item>
        ) : null}
        <Menu.Item onClick={() => setRun({ projector: !projector })}>
          {projector ? "Leave projector mode" : "Projector mode"}
        </Menu.Item>
        {page === "play" && !all ? (
          <>
            <Menu.Item onClick={() => setRun({ controlsFolded: !controlsFolded })}>
              {controlsFolded ? "Open the controls" : "Fold the controls"}
            </Menu.Item>
            <Menu.Item onClick={() => setRun({ railFolded: !railFolded })}>
              {railFolded ? "Open the rail" : "Fold the rail"}
            </Menu.Item>
          </>
        ) : null}
        <Menu.Divider />
        <Menu.Item onClick={() => setRun({ help: true })}>Keys and help</Menu.Item>
        <Menu.Item component="a" href={routeHash.method("notices")}>
          Licences
        </Menu.Item>
        <Menu.Divider />
        <Menu.Label>Light and dark</Menu.Label>
        {(["auto", "light", "dark"] as const).map((scheme) => (
          <Menu.Item
            key={scheme}
            onClick={() => setColorScheme(scheme)}
            rightSection={colorScheme === scheme ? <Icon name="check" /> : null}
          >
            {scheme === "auto" ? "As the system" : scheme === "light" ? "Light" : "Dark"}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
