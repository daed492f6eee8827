/** The kernel page's work as the host does it, on the interpreter: a run waits for it and is none the worse for it. */
import { describe, expect, it } from "vitest";
import type { RunCommand } from "../run/messages.ts";
import { Page, run, started } from "../testing/host-page.ts";
import { losses } from "../testing/runs.ts";

describe("kernels", () => {
  const check = (request: number, ops: readonly string[] | null, shaders = {}): RunCommand => ({
    type: "kernels",
    request,
    ops,
    shaders,
  });

  it("are checked while a run waits, which then goes on as if nothing had been", async () => {
    const finished = async (page: Page) => {
      await page.state(({ phase }) => phase === "ended");
      return losses(page.events);
    };
    const straight = await started();
    straight.send({ type: "resume", run });
    const wanted = await finished(straight);

    const page = await started();
    page.send({ type: "step", run, count: 3 }, check(1, ["relu", "masked-mean"]), { type: "resume", run });
    const found = await finished(page);
    expect(found).toEqual(wanted);
    const results = page.of("kernel").map(({ result }) => result);
    expect(results.map(({ op }) => op)).toEqual(["masked-mean", "masked-mean", "masked-mean", "relu"]);
    expect(results.map(({ off }) => off)).toEqual([null, null, null, null]);
    expect(results.map(({ time }) => time !== null)).toContain(true);
    expect(page.of("kernels")[0]!.total).toBe(4);
    expect(page.of("kernels-done")).toEqual([{ type: "kernels-done", request: 1, stopped: false }]);
    // The check was done before the run went on.
    const at = (type: string) => page.messages.findIndex((message) => message.type === type);
    expect(at("kernels-done")).toBeLessThan(page.messages.findLastIndex(({ type }) => type === "events"));
    expect(at("peaks")).toBeLessThan(page.messages.findLastIndex(({ type }) => type === "kernel"));
  });

  it("can be listed without a check, and a check stopped", async () => {
    const page = new Page();
    await page.next("ready");
    page.send(check(1, []));
    const { ops, device } = await page.next("kernels");
    expect(device.vendor).toBe("none");
    const names = ops.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(ops.find(({ name }) => name === "adamw")).toMatchObject({ ofMethod: true, shaders: ["adamw"] });
    expect(ops.find(({ name }) => name === "matmul")).toMatchObject({ ofMethod: false, shaders: ["matmul"] });
    page.send(check(2, null));
    await page.next("kernel", ({ request }) => request === 2);
    page.send({ type: "kernels-stop" });
    expect((await page.next("kernels-done")).stopped).toBe(true);
    const count = page.of("kernel").length;
    page.send(check(3, ["relu"]));
    await page.next("kernels-done");
    expect(page.of("kernel").length).toBe(count + 1);
  });

  it("under test are in use for the check alone", async () => {
    const page = new Page();
    await page.next("ready");
    page.send(check(1, ["relu"], { unary: "fn changed() {}" }));
    await page.next("kernels-done");
    expect(page.set).toEqual([{ unary: "fn changed() {}" }, {}]);
  });

  it("that do not compile are refused, and the run keeps those it has", async () => {
    const page = await started();
    page.refuse = "shader unary (unary.wgsl:3): expected ';'";
    page.send({ type: "shaders", shaders: { unary: "broken" } });
    expect(await page.next("refused")).toMatchObject({ command: "shaders", message: page.refuse });
    expect(page.set).toEqual([{ unary: "broken" }, {}]);
    page.refuse = null;
    page.send({ type: "shaders", shaders: { unary: "fine" } });
    expect((await page.next("shaders")).changed).toEqual(["unary"]);
    expect(page.set.at(-1)).toEqual({ unary: "fine" });
  });

  it("of a step are timed without taking one", async () => {
    const page = await started();
    page.send({ type: "step", run, count: 2 });
    await page.state(({ step }) => step === 2);
    page.send({ type: "step-times", run });
    const { times } = await page.next("step-times");
    expect(times.run).toBe(run);
    expect(times.wall).toBeGreaterThan(0);
    page.send({ type: "resume", run });
    await page.state(({ phase }) => phase === "ended");
    const straight = await started();
    straight.send({ type: "resume", run });
    await straight.state(({ phase }) => phase === "ended");
    expect(losses(page.events)).toEqual(losses(straight.events));
  });
});
