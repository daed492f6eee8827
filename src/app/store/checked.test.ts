/** One sentence for what is wrong in the controls, in the words that stand on the page. */
import { describe, expect, it } from "vitest";
import { checkConfig } from "../../run/check.ts";
import type { RunConfig } from "../../run/config.ts";
import { checkedDraft, draftFault } from "./checked.ts";
import { withValue } from "./draft.ts";

function draft(input: unknown = {}): RunConfig {
  const checked = checkConfig(input);
  if (!checked.ok) throw new Error(checked.message);
  return checked.config;
}

const grown = draft({
  recipe: [{ trigger: { id: "plateau" }, action: { id: "cascade", cells: 16 } }],
});

describe("what is wrong in the controls", () => {
  it("is nothing in a draft that may be started", () => {
    expect(draftFault(draft())).toBeNull();
    expect(checkedDraft(draft(), "batch")).toBeNull();
  });

  it.each([
    ["batch", 5000, "Batch is 5000, allowed are 1 to 512."],
    ["seed", -1, /^Seed is -1, allowed are 0 to /],
    ["budget.amount", 0, /^Budget is 0, allowed are 1 to /],
    ["eval.every", 0, "Validate every is 0, allowed are 1 to 1,000,000."],
    ["optim.lr", 40, /^Learning rate is 40, allowed are /],
    ["recipe.0.action.cells", 1e6, /^Cells per block is 1,000,000, allowed are /],
    ["recipe.0.trigger.window", -3, /^Window is -3, allowed are /],
  ])("calls %s as its field is called", (path, value, text) => {
    const fault = draftFault(withValue(grown, path, value));
    expect(fault?.path).toBe(path);
    if (typeof text === "string") expect(fault?.text).toBe(text);
    else expect(fault?.text).toMatch(text);
    expect(checkedDraft(withValue(grown, path, value), path)).toBe(fault?.text);
    expect(checkedDraft(withValue(grown, path, value), "context")).toBeNull();
  });

  it("names no entry of a list that has but one", () => {
    const wrong = draftFault(withValue(grown, "model.blocks", [-5]));
    expect(wrong).toMatchObject({ path: "model.blocks" });
    expect(wrong?.text).toMatch(/^Cells per block is -5, allowed are /);
  });

  it("is said under a list of which one entry or the length is wrong", () => {
    const wrong = draftFault(withValue(grown, "model.blocks", [64, 1]));
    expect(wrong?.path).toBe("model.blocks");
    expect(wrong?.text).toMatch(/^Cells per block, entry 2, is 1, allowed are /);
    const long = draftFault(withValue(grown, "model.blocks", []));
    expect(long?.path).toBe("model.blocks");
    expect(long?.text).toMatch(/^Cells per block has 0 entries, allowed are /);
  });

  it("leaves a sentence about two settings as it is", () => {
    const both = draftFault(withValue(withValue(grown, "batch", 512), "context", 512));
    expect(both?.text).toMatch(/^batch × context is /i);
  });
});
