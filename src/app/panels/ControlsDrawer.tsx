/** The controls where they have no column: a drawer from the left, over the stage. */
import { Drawer } from "@mantine/core";
import type { ReactNode } from "react";
import { Controls } from "../controls/Controls.tsx";

interface ControlsDrawerProps {
  readonly opened: boolean;
  readonly size: number;
  readonly onClose: () => void;
}

export function ControlsDrawer({ opened, size, onClose }: ControlsDrawerProps): ReactNode {
  return (
    <Drawer
      opened={opened}
      onClose={onClose}
      size={size}
      title="Controls"
      classNames={{ body: "drawer-controls" }}
      closeButtonProps={{ "aria-label": "Close" }}
      transitionProps={{ duration: 160 }}
      overlayProps={{ backgroundOpacity: 0.15 }}
    >
      <Controls />
    </Drawer>
  );
}
