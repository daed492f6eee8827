/** Where one's own text goes in: drop a file, choose one, or paste. What cannot be read is said in one sentence. */
import { Textarea } from "@mantine/core";
import { type DragEvent, type ReactNode, useRef, useState } from "react";
import { Icon } from "../Icons.tsx";
import { type Taken, takeFile, takePaste } from "../store/own-text.ts";

interface OwnTextDropProps {
  /** A link names this file. */
  readonly missing: { readonly name: string } | null;
  readonly onTaken: () => void;
}

export function OwnTextDrop({ missing, onTaken }: OwnTextDropProps): ReactNode {
  const [over, setOver] = useState(false);
  const [pasted, setPasted] = useState("");
  const [message, setMessage] = useState<string | null>(null);
  const input = useRef<HTMLInputElement>(null);
  const answer = (taken: Taken): void => {
    setMessage(taken.ok ? null : taken.message);
    if (taken.ok) onTaken();
  };
  const takeFirst = (files: FileList | null): void => {
    const file = files?.[0];
    if (file) void takeFile(file).then(answer);
  };
  const drop = (event: DragEvent): void => {
    event.preventDefault();
    setOver(false);
    const text = event.dataTransfer.getData("text/plain");
    if (event.dataTransfer.files.length > 0) takeFirst(event.dataTransfer.files);
    else if (text !== "") void takePaste(text).then(answer);
  };
  return (
    <section
      className="drop"
      data-over={over || undefined}
      aria-label="Your own text"
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <p>
        {missing === null
          ? "Drop a text file here, up to 20 MB."
          : `This link was made with the file ${missing.name}. Drop the same file here to go on.`}
      </p>
      <button type="button" className="button edged small" onClick={() => input.current?.click()}>
        <Icon name="file" size={14} />
        Choose a file
      </button>
      <input
        ref={input}
        type="file"
        accept="text/*,.txt,.md,.csv,.json,.js,.ts,.py,.c,.rs,.html"
        hidden
        aria-label="Text file"
        onChange={(event) => {
          takeFirst(event.currentTarget.files);
          event.currentTarget.value = "";
        }}
      />
      {missing === null ? (
        <>
          <Textarea
            size="xs"
            rows={3}
            placeholder="or paste a text"
            aria-label="Paste a text"
            value={pasted}
            onChange={(event) => setPasted(event.currentTarget.value)}
          />
          <button
            type="button"
            className="button edged small"
            disabled={pasted.trim() === ""}
            onClick={() => void takePaste(pasted).then(answer)}
          >
            Use this text
          </button>
        </>
      ) : null}
      {message === null ? null : (
        <p className="field-note error" role="alert">
          {message}
        </p>
      )}
    </section>
  );
}
