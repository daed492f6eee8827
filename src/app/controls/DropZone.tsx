/** Where something of one's own is dropped: lights up under what is dragged over it, and says what is wrong underneath. */
import { type DragEvent, type ReactNode, useState } from "react";

interface DropZoneProps {
  readonly label: string;
  readonly onDrop: (data: DataTransfer) => void;
  /** One sentence, where what came could not be read. */
  readonly message: string | null;
  readonly children: ReactNode;
}

export function DropZone({ label, onDrop, message, children }: DropZoneProps): ReactNode {
  const [over, setOver] = useState(false);
  const drop = (event: DragEvent): void => {
    event.preventDefault();
    setOver(false);
    onDrop(event.dataTransfer);
  };
  return (
    <section
      className="drop"
      data-over={over || undefined}
      aria-label={label}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      {children}
      {message === null ? null : (
        <p className="field-note error" role="alert">
          {message}
        </p>
      )}
    </section>
  );
}
