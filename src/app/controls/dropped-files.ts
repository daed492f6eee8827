/** Files as they were dropped or chosen, each with its place: browsers give folders as trees that are walked one by one. */
import type { Placed } from "../store/own-images.ts";

const placed = (path: string, file: File): Placed => ({
  path,
  bytes: async () => new Uint8Array(await file.arrayBuffer()),
});

/** Of a chosen folder the browser tells each file's path. */
export function filesOf(list: FileList | null): readonly Placed[] {
  return Array.from(list ?? [], (file) => placed(file.webkitRelativePath || file.name, file));
}

export async function droppedFiles(data: DataTransfer): Promise<readonly Placed[]> {
  // Entries are there during the event only; what they hold is read afterwards.
  const entries = Array.from(data.items, (item) => item.webkitGetAsEntry?.() ?? null);
  const files = filesOf(data.files);
  if (entries.every((entry) => entry === null || entry.isFile)) return files;
  const found: Placed[] = [];
  for (const entry of entries) if (entry !== null) await walk(entry, "", found);
  return found;
}

async function walk(entry: FileSystemEntry, above: string, into: Placed[]): Promise<void> {
  const path = above === "" ? entry.name : `${above}/${entry.name}`;
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) =>
      (entry as FileSystemFileEntry).file(resolve, reject),
    );
    into.push(placed(path, file));
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  // A hundred at a time, until none are left.
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (some.length === 0) return;
    for (const child of some) await walk(child, path, into);
  }
}
