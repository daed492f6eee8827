/**
 * Safetensors, the file format of weights that every framework reads: eight bytes of header length, a JSON header that
 * names each tensor's type, shape and place, then the bytes. A snapshot and a recording are such files, so that nothing
 * of ours is needed to open them.
 */
export type TensorType = "F32" | "U32" | "I64";

export interface FileTensor {
  readonly dtype: TensorType;
  readonly shape: readonly number[];
  /** Little-endian bytes, as every device here has them. */
  readonly data: Float32Array | Uint32Array | BigInt64Array;
}

export interface SafetensorsFile {
  readonly tensors: ReadonlyMap<string, FileTensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** A header this long or longer is no header. */
const HEADER_LIMIT = 100_000_000;
const WIDTH: Readonly<Record<TensorType, number>> = { F32: 4, U32: 4, I64: 8 };

export function encodeSafetensors(file: SafetensorsFile): ArrayBuffer {
  const header: Record<string, unknown> = {};
  if (Object.keys(file.metadata).length > 0) header.__metadata__ = file.metadata;
  // Wide types first: every tensor then begins on a multiple of its own width.
  const entries = [...file.tensors].sort(([, a], [, b]) => WIDTH[b.dtype] - WIDTH[a.dtype]);
  let at = 0;
  for (const [name, { dtype, shape, data }] of entries) {
    header[name] = { dtype, shape, data_offsets: [at, at + data.byteLength] };
    at += data.byteLength;
  }
  let text = new TextEncoder().encode(JSON.stringify(header));
  const padded = Math.ceil(text.length / 8) * 8;
  if (padded > text.length) {
    const spaced = new Uint8Array(padded).fill(0x20);
    spaced.set(text);
    text = spaced;
  }
  const bytes = new Uint8Array(8 + padded + at);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(padded), true);
  bytes.set(text, 8);
  let to = 8 + padded;
  for (const [, { data }] of entries) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), to);
    to += data.byteLength;
  }
  return bytes.buffer;
}

/** Throws one sentence when the bytes are not such a file. */
export function decodeSafetensors(bytes: ArrayBuffer): SafetensorsFile {
  const fail = (why: string): never => {
    throw new Error(`This is not a saved run: ${why}.`);
  };
  if (bytes.byteLength < 8) fail("the file is cut off");
  const length = Number(new DataView(bytes).getBigUint64(0, true));
  if (length > HEADER_LIMIT || 8 + length > bytes.byteLength) fail("its header does not fit the file");
  let header: Record<string, unknown>;
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(new Uint8Array(bytes, 8, length));
    header = JSON.parse(text) as Record<string, unknown>;
  } catch {
    return fail("its header cannot be read");
  }
  if (typeof header !== "object" || header === null || Array.isArray(header)) fail("its header is no table");
  const tensors = new Map<string, FileTensor>();
  let metadata: Record<string, string> = {};
  const start = 8 + length;
  for (const [name, value] of Object.entries(header)) {
    if (name === "__metadata__") {
      if (typeof value !== "object" || value === null) fail("its notes are no table");
      metadata = value as Record<string, string>;
      continue;
    }
    const { dtype, shape, data_offsets } = (value ?? {}) as {
      dtype?: TensorType;
      shape?: number[];
      data_offsets?: number[];
    };
    const [from, to] = data_offsets ?? [];
    if (dtype === undefined || !(dtype in WIDTH)) return fail(`${name} is of a type that no run has`);
    if (!Array.isArray(shape) || !Number.isInteger(from) || !Number.isInteger(to)) {
      return fail(`${name} has no place`);
    }
    const count = shape.reduce((n, d) => n * d, 1);
    if (from! < 0 || start + to! > bytes.byteLength || to! - from! !== count * WIDTH[dtype]) {
      fail(`${name} lies outside the file`);
    }
    const own = bytes.slice(start + from!, start + to!);
    const data =
      dtype === "F32"
        ? new Float32Array(own)
        : dtype === "U32"
          ? new Uint32Array(own)
          : new BigInt64Array(own);
    tensors.set(name, { dtype, shape, data });
  }
  return { tensors, metadata };
}
