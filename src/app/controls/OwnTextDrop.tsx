/** Where one's own text goes in: drop a file, choose one, or paste. What cannot be read is said in one sentence. */
import { Textarea } from "@mantine/core";
import { type ReactNode, useRef, useState } from "react";
import { Icon } from "../Icons.tsx";
import { type Taken, takeFile, takePaste } from "../store/own-text.ts";
import { DropZone } from "./DropZone.tsx";

interface OwnTextDropProps {
  /** A link names this file. */
  readonly missing: { readonly name: string } | null;
  readonly onTaken: () => void;
}

export function OwnTextDrop({ missing, onTaken }: OwnTextDropProps): ReactNode {
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
  const drop = (data: DataTransfer): void => {
    const text = data.getData("text/plain");
    if (data.files.length > 0) takeFirst(data.files);
    else if (text !== "") void takePaste(text).then(answer);
  };
  return (
    <DropZone label="Your own text" onDrop={drop} message={message}>
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
    </DropZone>
  );
}
