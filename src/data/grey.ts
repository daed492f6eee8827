/** Grey pictures as bytes, brought to another size: what drawn digits and a person's own images need before a network. */

export interface Grey {
  readonly width: number;
  readonly height: number;
  /** A byte a pixel; 0 is background. */
  readonly pixels: Uint8Array;
}

/**
 * Area scaling: each new pixel is the mean of what it covers, parts of old pixels by their share. So a thin line keeps its
 * weight however small the picture becomes.
 */
export function scaled({ width, height, pixels }: Grey, toWidth: number, toHeight: number): Grey {
  const across = shares(width, toWidth);
  const down = shares(height, toHeight);
  const out = new Uint8Array(toWidth * toHeight);
  down.forEach((rows, y) => {
    across.forEach((columns, x) => {
      let sum = 0;
      for (const [row, part] of rows) {
        for (const [column, share] of columns) sum += part * share * pixels[row * width + column]!;
      }
      out[y * toWidth + x] = Math.round(sum);
    });
  });
  return { width: toWidth, height: toHeight, pixels: out };
}

/** For each of `to` places the old places it covers, with shares that add up to 1. */
function shares(from: number, to: number): readonly (readonly (readonly [number, number])[])[] {
  const step = from / to;
  return Array.from({ length: to }, (_, i) => {
    const [begin, end] = [i * step, (i + 1) * step];
    const covered: (readonly [number, number])[] = [];
    for (let k = Math.floor(begin); k < Math.min(from, Math.ceil(end - 1e-9)); k++) {
      covered.push([k, (Math.min(end, k + 1) - Math.max(begin, k)) / step]);
    }
    return covered;
  });
}

/** Strokes become bright: a picture whose border is bright has dark strokes on paper. */
export function strokesBright(picture: Grey): Grey {
  const { width, height, pixels } = picture;
  let sum = 0;
  let count = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (y > 0 && y < height - 1 && x > 0 && x < width - 1) continue;
      sum += pixels[y * width + x]!;
      count++;
    }
  }
  return sum / count < 128 ? picture : { ...picture, pixels: pixels.map((v) => 255 - v) };
}

/** Side of MNIST's pictures, and of the box that its digits were fitted into. */
const SIDE = 28;
const BOX = 20;

/**
 * A drawn digit as MNIST's were made (LeCun et al. 1998): fitted into 20 × 20 pixels with its proportions kept, then put
 * into 28 × 28 with its centre of mass in the middle. Null: nothing was drawn.
 */
export function asDigit(drawn: Grey): Grey | null {
  const cut = bounds(drawn);
  if (cut === null) return null;
  const factor = BOX / Math.max(cut.width, cut.height);
  const fitted = scaled(
    cut,
    Math.max(1, Math.round(cut.width * factor)),
    Math.max(1, Math.round(cut.height * factor)),
  );
  const { x, y } = centre(fitted);
  // The middle lies between the two middle pixels.
  const clamp = (v: number, size: number) => Math.min(SIDE - size, Math.max(0, Math.round(v)));
  const left = clamp(SIDE / 2 - x, fitted.width);
  const top = clamp(SIDE / 2 - y, fitted.height);
  const pixels = new Uint8Array(SIDE * SIDE);
  for (let row = 0; row < fitted.height; row++) {
    pixels.set(
      fitted.pixels.subarray(row * fitted.width, (row + 1) * fitted.width),
      (top + row) * SIDE + left,
    );
  }
  return { width: SIDE, height: SIDE, pixels };
}

/** The least box around everything that is not background. */
function bounds({ width, height, pixels }: Grey): Grey | null {
  let [left, right, top, bottom] = [width, -1, height, -1];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (pixels[y * width + x] === 0) continue;
      left = Math.min(left, x);
      right = Math.max(right, x);
      top = Math.min(top, y);
      bottom = Math.max(bottom, y);
    }
  }
  if (right < 0) return null;
  const [w, h] = [right - left + 1, bottom - top + 1];
  const cut = new Uint8Array(w * h);
  for (let y = 0; y < h; y++) {
    const from = (top + y) * width + left;
    cut.set(pixels.subarray(from, from + w), y * w);
  }
  return { width: w, height: h, pixels: cut };
}

function centre({ width, pixels }: Grey): { readonly x: number; readonly y: number } {
  let [sum, x, y] = [0, 0, 0];
  pixels.forEach((value, i) => {
    sum += value;
    x += value * ((i % width) + 0.5);
    y += value * (Math.floor(i / width) + 0.5);
  });
  return { x: x / sum, y: y / sum };
}
