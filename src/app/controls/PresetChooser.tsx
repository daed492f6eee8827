/** Which preset the controls began from, how far they have left it, and the way to another. */
import { Menu } from "@mantine/core";
import { type ReactNode, useMemo } from "react";
import type { Preset } from "../../share/presets.ts";
import { shownOn } from "../../share/shown.ts";
import { count } from "../format.ts";
import { Icon } from "../Icons.tsx";
import { routeHash } from "../route.ts";
import { changes } from "../store/draft.ts";
import { setRun, useRun } from "../store/store.ts";

interface PresetChooserProps {
  readonly presets: readonly Preset[];
  readonly onPick: (id: string) => void;
}

export function PresetChooser({ presets, onPick }: PresetChooserProps): ReactNode {
  const name = useRun((s) => s.baseName);
  const preset = useRun((s) => s.preset);
  const draft = useRun((s) => s.draft);
  const base = useRun((s) => s.base);
  const software = useRun((s) => s.device?.software ?? false);
  const changed = useMemo(() => changes(base, draft).length, [base, draft]);
  const chosen = presets.find(({ id }) => id === preset);
  const offered = [...presets].sort((a, b) => Number(b.tiny === software) - Number(a.tiny === software));
  return (
    <div className="preset">
      <Menu position="bottom-start" width={240} shadow="none" classNames={{ dropdown: "menu" }}>
        <Menu.Target>
          <button type="button" className="preset-button">
            <span className="preset-name">
              <span className="soft caption">Preset</span>
              <span className="plate">{name === "" ? "none" : name}</span>
            </span>
            <span className="soft caption">{changed > 0 ? count(changed, "change") : ""}</span>
            <Icon name="down" size={12} />
          </button>
        </Menu.Target>
        <Menu.Dropdown>
          {offered.map((each) => (
            <Menu.Item
              key={each.id}
              onClick={() => onPick(each.id)}
              rightSection={each.id === preset ? <Icon name="check" /> : null}
            >
              <span className="plate">{each.title}</span>
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      {chosen === undefined ? null : <Look preset={chosen} />}
      {changed > 0 ? (
        <button type="button" className="button small" onClick={() => setRun({ draft: base })}>
          <Icon name="reset" size={12} />
          Back to {name}
        </button>
      ) : null}
    </div>
  );
}

/** What to look for, and the page of what came of it here. */
function Look({ preset }: { readonly preset: Preset }): ReactNode {
  const page = shownOn(preset.id);
  return (
    <p className="group-note">
      {preset.look} {page === null ? null : <a href={routeHash.reproduced(page)}>How it came out here</a>}
    </p>
  );
}
