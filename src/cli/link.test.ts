/** The command as a person runs it: a process of its own, what it prints and what it exits with. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, it } from "vitest";
import { BAD_LINKS } from "../testing/bad-links.ts";
import { BadInput } from "./command.ts";
import { main } from "./link.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "espalier-link-"));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

function link(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["--import", "tsx", "src/cli/link.ts", ...args],
    { cwd: root, encoding: "utf8" },
  );
  return { status, stdout, stderr };
}

it("encodes a file, and decodes the link to the whole config", () => {
  const encoded = link("encode", file("config.json", '{"seed":77,"budget":{"amount":1234}}'));
  expect(encoded).toMatchObject({ status: 0, stderr: "" });
  expect(encoded.stdout).toMatch(/^#1\.[A-Za-z0-9_-]+\n$/);
  const decoded = link("decode", encoded.stdout.trim());
  expect(decoded).toMatchObject({ status: 0, stderr: "" });
  const config = JSON.parse(decoded.stdout) as object;
  expect(config).toMatchObject({ version: 1, seed: 77, batch: 32, budget: { unit: "steps", amount: 1234 } });
  expect(link("encode", file("whole.json", decoded.stdout)).stdout).toBe(encoded.stdout);
});

it.each([
  [["decode", BAD_LINKS[0]!.link], /^This link was not opened: optim\.lr is 40, .*\.$/],
  [
    ["encode", file("bad.json", '{"batch":"32"}')],
    /bad\.json is no config: batch is "32", allowed are .*\.$/,
  ],
  [["encode", file("cut.json", '{"batch":')], /cut\.json is no config: it is not JSON\.$/],
  [["encode", join(folder, "none.json")], /none\.json cannot be read \(ENOENT\)\.$/],
  [["enjoy", "x"], /^"enjoy" is not known\. Use "encode <config\.json>" or "decode <link>"\.$/],
  [[], /^Use "encode <config\.json>" or "decode <link>"\.$/],
])("%j is refused with one sentence", async (args, sentence) => {
  const refusal = main(args);
  await expect(refusal).rejects.toBeInstanceOf(BadInput);
  await expect(refusal).rejects.toThrow(sentence);
});

it("ends a refusal with exit code 2, and says it on stderr alone", () => {
  const { status, stdout, stderr } = link("decode", BAD_LINKS[0]!.link);
  expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  expect(stderr).toMatch(/^This link was not opened: optim\.lr is 40, [^\n]*\.\n$/);
});
