/** The only two questions the page asks: before a reset, and before something replaces the run. */
import { Modal } from "@mantine/core";
import type { ReactNode } from "react";
import { resetConfirmed } from "../store/actions.ts";
import { openNow } from "../store/links.ts";
import { setRun, useRun } from "../store/store.ts";

export function Dialogs(): ReactNode {
  const dialog = useRun((s) => s.dialog);
  const close = (): void => setRun({ dialog: null });
  const reset = dialog?.kind === "reset";
  return (
    <Modal
      opened={dialog !== null}
      onClose={close}
      centered
      size="sm"
      radius={12}
      title={reset ? "Reset to step 0?" : "Open this link?"}
      closeButtonProps={{ "aria-label": "Close" }}
      transitionProps={{ duration: 120 }}
    >
      <p>
        {reset
          ? "The run starts again as it began. Your run stays in the history."
          : "It replaces the run you have now. Your run stays in the history."}
      </p>
      <div className="row dialog-actions">
        <button type="button" className="button" onClick={close}>
          Keep mine
        </button>
        <button
          type="button"
          className="button filled"
          data-autofocus
          onClick={() => {
            if (dialog?.kind === "reset") resetConfirmed();
            else if (dialog) openNow(dialog.config, dialog.title, dialog.preset, dialog.tryLink);
          }}
        >
          {reset ? "Reset" : "Open"}
        </button>
      </div>
    </Modal>
  );
}
