/**
 * Kernels on a second implementation of WebGPU: Deno's (wgpu and naga, on lavapipe where the machine has it), where the
 * tests beside this one use Dawn and SwiftShader. What only one compiler or driver gets right is a fault of the shader's
 * more often than of theirs. One sample of every op; all of them in `npm run test:long`. Nothing else here needs Deno, so
 * where it or a driver for it is missing this is left out, and `npm test` says so at its end.
 */
import { createInterface } from "node:readline";
import { beforeAll, describe, expect, it } from "vitest";
import { denoVersion, findDeno, startDeno } from "../cli/deno.ts";
import { allOps } from "../engine/ops/all.ts";
import type { AdapterLine, SampleLine } from "./deno-kernels.ts";
import { note } from "./notes.ts";
import { methodOps } from "./runs.ts";

const all = Boolean(process.env.ESPALIER_LONG);
/** A sample takes about 0.15 s on two idle cores, most of it compiling; the machine may have other work. */
const MOST_MS = all ? 600_000 : 240_000;

const EVERY_OP = [...new Set([...allOps, ...methodOps])];
const deno = findDeno();
let missing = deno === null ? "no Deno found" : null;
const found = new Map<string, SampleLine[]>();

async function checkInDeno(path: string): Promise<void> {
  const child = startDeno(path, "src/testing/deno-kernels.ts", all ? ["--all"] : []);
  let complaints = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    complaints += text;
  });
  const late = setTimeout(() => child.kill("SIGKILL"), MOST_MS);
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  let adapter: string | null = null;
  for await (const line of createInterface({ input: child.stdout })) {
    const said = JSON.parse(line) as AdapterLine | SampleLine;
    if ("op" in said) found.set(said.op, [...(found.get(said.op) ?? []), said]);
    else if (said.adapter === null) missing = `${denoVersion(path)} finds no graphics driver`;
    else adapter = said.adapter;
  }
  const code = await ended;
  clearTimeout(late);
  if (code !== 0) throw new Error(`Deno ended with code ${code}. ${complaints.trim()}`);
  const much = all ? "all samples" : "one sample of each";
  if (adapter !== null)
    note(`second adapter: ${found.size} kernels, ${much}, on ${adapter} by ${denoVersion(path)}`);
}

beforeAll(async () => {
  if (deno !== null) await checkInDeno(deno);
  if (missing !== null) note(`second adapter: not tested here (${missing})`);
}, MOST_MS + 10_000);

describe("on a second implementation of WebGPU", () => {
  it.for(EVERY_OP.map(({ name, samples }) => [name, samples.length] as const))(
    "%s is what its reference says",
    ([name, count], { skip }) => {
      if (missing !== null) skip(missing);
      const lines = found.get(name) ?? [];
      expect(lines.length).toBe(all ? count : 1);
      expect(lines.flatMap(({ sample, off }) => off.map((words) => `${sample}: ${words}`))).toEqual([]);
    },
  );
});
