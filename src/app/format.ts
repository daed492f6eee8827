/**
 * How figures are written everywhere on the page: leading zero dropped under 1, thousands with a comma, minus as −,
 * so that a figure in a sentence, on a chart and in a table is the same string.
 */

const MINUS = "−";

/** 4182 → "4,182" */
export function whole(value: number): string {
  if (!Number.isFinite(value)) return notFinite(value);
  return tidy(Math.round(value).toLocaleString("en"));
}

function notFinite(value: number): string {
  if (Number.isNaN(value)) return "not a number";
  return value > 0 ? "infinite" : `${MINUS}infinite`;
}

/** "-0.25" → "−.25" */
function tidy(text: string): string {
  return text.replace(/^-/, MINUS).replace(/^(−?)0\./, "$1.");
}

/** A fixed number of decimals: fixed(0.0474, 3) → ".047". */
export function fixed(value: number, decimals: number): string {
  return Number.isFinite(value) ? tidy(value.toFixed(decimals)) : notFinite(value);
}

/** A change, with its sign: +.004, −.012. */
export function signed(value: number, decimals = 3): string {
  return value < 0 ? fixed(value, decimals) : `+${fixed(value, decimals)}`;
}

/** Losses: three decimals; one on its way to infinity is told by its size. */
export const loss = (value: number): string => (value < 1000 ? fixed(value, 3) : compact(value));

/** As few digits as say it: settings, thresholds. 0.002 → ".002", 3e-6 → "3e-6", 1000 → "1,000". */
export function plain(value: number): string {
  if (!Number.isFinite(value)) return notFinite(value);
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size < 1e-3 || size >= 1e9) return tidy(exponent(value, 6));
  if (Number.isInteger(value)) return whole(value);
  return tidy(String(Number(value.toPrecision(6))));
}

/** Measured figures: two significant digits. 3.62e-6 → "3.6e-6", 0.2114 → ".21". */
export function rough(value: number, digits = 2): string {
  if (!Number.isFinite(value)) return notFinite(value);
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size < 1e-3 || size >= 1e6) return tidy(exponent(value, digits));
  return tidy(String(Number(value.toPrecision(digits))));
}

function exponent(value: number, digits: number): string {
  const [mantissa, power] = value.toExponential(Math.max(0, digits - 1)).split("e");
  return `${Number(mantissa)}e${Number(power)}`;
}

const UNITS = [
  [1e12, "T"],
  [1e9, "G"],
  [1e6, "M"],
  [1e3, "k"],
] as const;

/** 141648 → "142 k"; 276 → "276". */
export function compact(value: number): string {
  if (!Number.isFinite(value)) return notFinite(value);
  for (const [size, unit] of UNITS) {
    // 999.5 k would print as "1000 k": it is 1 M.
    if (Math.abs(value) >= size * 0.9995) {
      const scaled = value / size;
      const decimals = Math.abs(scaled) < 9.95 ? 1 : 0;
      return `${tidy(scaled.toFixed(decimals).replace(/\.0$/, ""))} ${unit}`;
    }
  }
  return Math.abs(value) >= 10 ? whole(value) : plain(Number(value.toPrecision(2)));
}

/** Two sizes, short, but so that two that differ do not read the same. */
export function apart(before: number | undefined, after: number): readonly [string, string] {
  if (before === undefined) return ["", compact(after)];
  const same = before !== after && compact(before) === compact(after);
  return same ? [whole(before), whole(after)] : [compact(before), compact(after)];
}

/** 468186 → "468 kB" */
export function bytes(value: number): string {
  if (value < 1000) return `${whole(value)} bytes`;
  if (value < 999_500) return `${whole(value / 1e3)} kB`;
  return value < 1e9 ? `${tidy((value / 1e6).toFixed(1))} MB` : `${tidy((value / 1e9).toFixed(1))} GB`;
}

/** 0.014 → "14 ms", 29.3 → "29 s", 95 → "1 min 35 s" */
export function duration(seconds: number): string {
  if (seconds < 0.9995) return seconds < 5e-4 ? "0 s" : `${Math.round(seconds * 1000)} ms`;
  if (seconds < 9.95) return `${tidy(seconds.toFixed(1))} s`;
  const total = Math.round(seconds);
  if (total < 60) return `${total} s`;
  if (total < 3600)
    return total % 60 === 0 ? `${total / 60} min` : `${Math.floor(total / 60)} min ${total % 60} s`;
  return `${Math.floor(total / 3600)} h ${Math.round((total % 3600) / 60)} min`;
}

/** "1 change", "3 changes" */
export function count(n: number, noun: string): string {
  return `${whole(n)} ${noun}${n === 1 ? "" : "s"}`;
}

/** "a", "a and b", "a, b and c" */
export function list(items: readonly string[]): string {
  if (items.length < 2) return items[0] ?? "";
  return `${items.slice(0, -1).join(", ")} and ${items[items.length - 1]}`;
}
