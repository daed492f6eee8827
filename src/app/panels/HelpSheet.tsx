/** Keys with their buttons, what this machine is, and where single-letter keys are switched off. */
import { Modal, Switch } from "@mantine/core";
import type { ReactNode } from "react";
import { SHORTCUTS } from "../store/keys.ts";
import { setKeysOn, setRun, useRun } from "../store/store.ts";

export function HelpSheet(): ReactNode {
  const open = useRun((s) => s.help);
  const on = useRun((s) => s.keysOn);
  const device = useRun((s) => s.device);
  return (
    <Modal
      opened={open}
      onClose={() => setRun({ help: false })}
      size="lg"
      radius={12}
      title="Keys and help"
      closeButtonProps={{ "aria-label": "Close" }}
      transitionProps={{ duration: 120 }}
    >
      <Switch
        checked={on}
        onChange={(event) => setKeysOn(event.currentTarget.checked)}
        label="Single-letter keys"
        size="sm"
      />
      <table className="keys">
        <thead className="hidden">
          <tr>
            <th scope="col">key</th>
            <th scope="col">does</th>
            <th scope="col">button</th>
          </tr>
        </thead>
        <tbody>
          {SHORTCUTS.map(({ shown, says, button }) => (
            <tr key={shown}>
              <td>
                <kbd>{shown}</kbd>
              </td>
              <td>{says}</td>
              <td className="soft">{button}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="caption soft">
        On a chart: ← → move the cursor, Shift by ten, Home and End to the ends. On the network: arrows move,
        Enter pins, and . opens what can be done to it; so do the second mouse button, the menu key and a
        finger that rests on it, beside the part.
      </p>
      {device ? (
        <p className="caption soft help-device">
          {device.software
            ? `This page found no GPU that it may use. ${device.name} does the same arithmetic on the processor, about 100 times slower. A browser with hardware acceleration switched on, on a machine with a graphics chip, will use that.`
            : `Training runs on ${device.name}.`}
        </p>
      ) : null}
    </Modal>
  );
}
