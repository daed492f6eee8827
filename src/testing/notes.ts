/**
 * What a test that depends on the machine has to say beyond passed or failed: where it ran, or why it did not. A test
 * runner shows that at best among hundreds of lines; `npm test` names a file in ESPALIER_NOTES and prints it at its end.
 */
import { appendFileSync } from "node:fs";

export function note(line: string): void {
  const file = process.env.ESPALIER_NOTES;
  if (file) appendFileSync(file, `${line}\n`);
  else console.log(line);
}
