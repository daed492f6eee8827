/** Where one's own images go in: a table, a zip, or a folder of class folders. What cannot be read is said in one sentence. */
import { type ReactNode, useRef, useState } from "react";
import { whole } from "../format.ts";
import { Icon } from "../Icons.tsx";
import { type Placed, takeImages } from "../store/own-images.ts";
import { DropZone } from "./DropZone.tsx";
import { droppedFiles, filesOf } from "./dropped-files.ts";

interface OwnImagesDropProps {
  /** A link names this file. */
  readonly missing: { readonly name: string } | null;
  readonly onTaken: () => void;
}

export function OwnImagesDrop({ missing, onTaken }: OwnImagesDropProps): ReactNode {
  const [message, setMessage] = useState<string | null>(null);
  const [reading, setReading] = useState<string | null>(null);
  const file = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  const take = async (files: readonly Placed[]): Promise<void> => {
    setMessage(null);
    setReading("Reading the images.");
    const taken = await takeImages(files, (done, total) =>
      setReading(`Reading the images: ${whole(done)} of ${whole(total)}.`),
    );
    setReading(null);
    if (taken.ok) onTaken();
    else setMessage(taken.message);
  };
  /** Of a dialog: none where it was closed. */
  const choose = (list: FileList | null): void => {
    if (list !== null && list.length > 0) void take(filesOf(list));
  };
  const drop = (data: DataTransfer): void => {
    void droppedFiles(data).then(take);
  };
  return (
    <DropZone label="Your own images" onDrop={drop} message={message}>
      <p>
        {missing === null
          ? "Drop a CSV (label,pixel0,…), a zip or a folder here; in it a folder of images for each class. They become grey, 28 by 28."
          : `This link was made with ${missing.name}. Drop the same file or folder here to go on.`}
      </p>
      <div className="row">
        <button type="button" className="button edged small" onClick={() => file.current?.click()}>
          <Icon name="file" size={14} />
          Choose a file
        </button>
        <button type="button" className="button edged small" onClick={() => folder.current?.click()}>
          <Icon name="file" size={14} />
          Choose a folder
        </button>
      </div>
      <input
        ref={file}
        type="file"
        accept=".csv,.zip"
        hidden
        aria-label="File of images"
        onChange={(event) => {
          choose(event.currentTarget.files);
          event.currentTarget.value = "";
        }}
      />
      <input
        ref={(element) => {
          folder.current = element;
          // React knows no such attribute.
          element?.setAttribute("webkitdirectory", "");
        }}
        type="file"
        hidden
        aria-label="Folder of images"
        onChange={(event) => {
          choose(event.currentTarget.files);
          event.currentTarget.value = "";
        }}
      />
      <p className="field-note" role="status">
        {reading}
      </p>
    </DropZone>
  );
}
