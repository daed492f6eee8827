/**
 * Links that must not open, one of each kind of fault, with what the refusal has to say. Node's own zlib packs them: the
 * code under test has no part in making them. The unit tests and the browser tests go through the same list.
 */
import { deflateRawSync } from "node:zlib";

export interface BadLink {
  readonly kind: string;
  readonly link: string;
  /** Stands in the sentence. */
  readonly says: string;
}

/** A link that holds this text, whatever it is. */
export function packLink(json: string | Uint8Array, version = 1): string {
  return `#${version}.${deflateRawSync(json, { level: 9 }).toString("base64url")}`;
}

const bad = (kind: string, json: unknown, says: string): BadLink => ({
  kind,
  link: packLink(typeof json === "string" ? json : JSON.stringify(json)),
  says,
});

const good = packLink('{"seed":77,"optim":{"id":"adamw","lr":0.004},"budget":{"amount":1234}}');
const trigger = { id: "step", step: 5 };
const grow = { trigger, action: { id: "cascade" } };

export const BAD_LINKS: readonly BadLink[] = [
  bad("number out of range", { optim: { id: "adamw", lr: 40 } }, "optim.lr is 40, allowed are 1e-6 to "),
  bad("number as a string", { batch: "32" }, 'batch is "32", allowed are whole numbers from 1 to 512'),
  bad("fraction where a whole number stands", { batch: 1.5 }, "batch is 1.5"),
  bad("NaN", '{"batch":NaN}', "it is not JSON"),
  bad("1e999", '{"optim":{"id":"adamw","lr":1e999}}', "optim.lr is Infinity"),
  bad("negative seed", { seed: -1 }, "seed is -1, allowed are 0 to 4,294,967,295"),
  bad("seed over 32 bits", { seed: 2 ** 32 }, "seed is 4,294,967,296"),
  bad("null", { model: null }, "model is null"),
  bad("a list instead of a config", [], "a config must be an object"),
  bad("unknown model", { model: { id: "resnet" } }, 'model.id is "resnet", allowed are '),
  bad("id of the object prototype", { model: { id: "constructor" } }, 'model.id is "constructor"'),
  bad("unknown field", { learningRate: 1 }, "learningRate is not a field"),
  bad("field of another model", { model: { id: "gpt", blocks: [64] } }, "model.blocks is not a field"),
  bad("__proto__", '{"__proto__":{"seed":3}}', "__proto__ is not a field"),
  bad(
    "__proto__ inside",
    '{"model":{"id":"lstm","__proto__":{"layers":3}}}',
    "model.__proto__ is not a field",
  ),
  bad("the same key twice", '{"seed":1,"seed":2}', 'the key "seed" stands twice'),
  bad("version inside", { version: 1, seed: 3 }, "version stands in it twice"),
  bad("deep nesting", `{"seed":${"[".repeat(5000)}${"]".repeat(5000)}}`, "levels deep"),
  bad(
    "huge list",
    { model: { id: "lstm", blocks: new Array(15_000).fill(8) } },
    "15,000 entries, allowed are 1 to 8",
  ),
  bad(
    "recipe of 1000 entries",
    { recipe: new Array(1000).fill(grow) },
    "recipe has 1000 entries, allowed are 0 to 64",
  ),
  bad("growth for another model", { recipe: [{ trigger, action: { id: "stack" } }] }, "recipe.0.action.id"),
  bad(
    "edit of a setting that is fixed",
    { recipe: [{ trigger, action: { id: "edit", path: "model.layers", value: 2 } }] },
    'recipe.0.action.path is "model.layers"',
  ),
  bad(
    "edit out of range",
    { recipe: [{ trigger, action: { id: "edit", path: "optim.lr", value: 40 } }] },
    "recipe.0.action.value is 40, allowed are 1e-6 to 1",
  ),
  bad("parts that do not fit", { model: { id: "gpt", width: 64, heads: 5 } }, "model.heads is 5"),
  bad("more than memory holds", { batch: 512, context: 512 }, "batch × context is 262,144"),
  bad("own text without a fingerprint", { data: { id: "own", name: "notes.txt" } }, "data.sha256 is missing"),
  bad("not a config at all", "<!doctype html><script>alert(1)</script>", "it is not JSON"),
  { kind: "bytes that are no text", link: packLink(new Uint8Array([0xff, 0xfe, 0x80])), says: "is not text" },
  { kind: "zip bomb", link: packLink(new Uint8Array(40_000_000).fill(32)), says: "more than 1 MiB" },
  { kind: "version of the future", link: good.replace("#1.", "#99."), says: "it is of version 99" },
  { kind: "no version", link: good.replace("#1.", "#"), says: "not with a version" },
  { kind: "cut off", link: good.slice(0, -20), says: "it is cut off or damaged" },
  { kind: "nothing after the version", link: "#1.", says: "nothing follows its version" },
  {
    kind: "emoji",
    link: `${good.slice(0, 12)}🌱${good.slice(12)}`,
    says: '"🌱" is not a character of a link',
  },
  { kind: "not packed", link: '#1.{"seed":3}', says: '"{" is not a character of a link' },
  { kind: "random letters", link: "#1.aGVsbG8gd29ybGQ", says: "it is cut off or damaged" },
  { kind: "endless", link: `#1.${"A".repeat(70_000)}`, says: "longer than 65,536 characters" },
];
