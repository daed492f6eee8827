/** Types of setup.mjs, for the commands that are TypeScript. */
export const root: string;
export function run(
  command: string,
  args: readonly string[],
  env?: Readonly<Record<string, string>>,
): boolean;
export function fail(sentence: string): never;
export function install(): void;
export function findBrowser(): { readonly browser: string; readonly icd: string | null };
