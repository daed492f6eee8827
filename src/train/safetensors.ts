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

/** What the bits of a half say. BF16 is the upper half of an F32. */
const HALVES = {
  F16: (bits: number): number => {
    const sign = bits & 0x8000 ? -1 : 1;
    const [exponent, fraction] = [(bits >> 10) & 31, bits & 1023];
    if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
    return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25);
  },
  BF16: (bits: number): number => new Float32Array(Uint32Array.of(bits << 16).buffer)[0]!,
} as const;

/** A header that may grow is padded to a multiple of this, so that the file keeps its length. */
const HEADER_GRAIN = 64 * 1024;

/** A file whose header is written and whose tensors are yet to be. */
export interface EmptyFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Where each tensor's bytes begin. */
  readonly places: ReadonlyMap<string, number>;
}

/** `again`: an earlier file that is not needed any more, whose memory is used if the length is the same; null: none yet. */
export function emptySafetensors(
  tensors: ReadonlyMap<string, Pick<FileTensor, "dtype" | "shape">>,
  metadata: SafetensorsFile["metadata"],
  again?: ArrayBuffer | null,
): EmptyFile {
  const header: Record<string, unknown> = {};
  if (Object.keys(metadata).length > 0) header.__metadata__ = metadata;
  // Wide types first: every tensor then begins on a multiple of its own width.
  const entries = [...tensors].sort(([, a], [, b]) => WIDTH[b.dtype] - WIDTH[a.dtype]);
  const places = new Map<string, number>();
  let at = 0;
  for (const [name, { dtype, shape }] of entries) {
    const end = at + shape.reduce((n, d) => n * d, WIDTH[dtype]);
    header[name] = { dtype, shape, data_offsets: [at, end] };
    places.set(name, at);
    at = end;
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  const grain = again === undefined ? 8 : HEADER_GRAIN;
  const padded = Math.ceil(text.length / grain) * grain;
  const length = 8 + padded + at;
  const bytes = new Uint8Array(again?.byteLength === length ? again : new ArrayBuffer(length));
  new DataView(bytes.buffer).setBigUint64(0, BigInt(padded), true);
  bytes.set(text, 8);
  bytes.fill(0x20, 8 + text.length, 8 + padded);
  for (const [name, offset] of places) places.set(name, 8 + padded + offset);
  return { bytes, places };
}

export function encodeSafetensors({ tensors, metadata }: SafetensorsFile): ArrayBuffer {
  const { bytes, places } = emptySafetensors(tensors, metadata);
  for (const [name, { data }] of tensors) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), places.get(name)!);
  }
  return bytes.buffer;
}

/** Throws one sentence when the bytes are not such a file; `name`: of a file of weights. Halves come out as F32. */
export function decodeSafetensors(bytes: ArrayBuffer, name?: string): SafetensorsFile {
  const fail = (why: string): never => {
    throw new Error(
      name === undefined ? `This is not a saved run: ${why}.` : `${name} cannot be read: ${why}.`,
    );
  };
  if (bytes.byteLength === 0) fail("the file is empty. Choose a saved run or a safetensors file");
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
  for (const [path, value] of Object.entries(header)) {
    if (path === "__metadata__") {
      if (typeof value !== "object" || value === null) fail("its notes are no table");
      metadata = value as Record<string, string>;
      continue;
    }
    const { dtype, shape, data_offsets } = (value ?? {}) as {
      dtype?: TensorType | keyof typeof HALVES;
      shape?: number[];
      data_offsets?: number[];
    };
    const [from, to] = data_offsets ?? [];
    const half = dtype === "F16" || dtype === "BF16" ? HALVES[dtype] : null;
    if (dtype === undefined || (half === null && !(dtype in WIDTH))) {
      return fail(
        name === undefined
          ? `${path} is of a type that no run has`
          : `${path} is ${dtype}; F32, F16 and BF16 can be read`,
      );
    }
    if (!Array.isArray(shape) || !Number.isInteger(from) || !Number.isInteger(to)) {
      return fail(`${path} has no place`);
    }
    const count = shape.reduce((n, d) => n * d, 1);
    const width = half === null ? WIDTH[dtype as TensorType] : 2;
    if (from! < 0 || start + to! > bytes.byteLength || to! - from! !== count * width) {
      fail(`${path} lies outside the file`);
    }
    const own = bytes.slice(start + from!, start + to!);
    if (half !== null) {
      tensors.set(path, { dtype: "F32", shape, data: Float32Array.from(new Uint16Array(own), half) });
      continue;
    }
    const data =
      dtype === "F32"
        ? new Float32Array(own)
        : dtype === "U32"
          ? new Uint32Array(own)
          : new BigInt64Array(own);
    tensors.set(path, { dtype: dtype as TensorType, shape, data });
  }
  return { tensors, metadata };
}
