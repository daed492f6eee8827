/** The optimizer cases on a backend: one arena of parameters, its gradient, slots and ages; `norm` and the update a step. */
import { CONTROL_WORDS, control } from "../engine/control.ts";
import { norm } from "../engine/ops/norm.ts";
import { plan } from "../engine/plan.ts";
import { createTrace } from "../engine/trace.ts";
import type { Arena, Backend, Role, Tensor } from "../engine/types.ts";
import type { MakeRig } from "./optimizer-cases.ts";

export const backendRig =
  (backend: Backend): MakeRig =>
  async (method, c, start, blocks) => {
    const t = createTrace();
    const arenas = new Map<string, Arena>();
    const make = (
      name: string,
      role: Role,
      data: readonly number[],
      dtype: "f32" | "u32" = "f32",
    ): Tensor => {
      const arena = backend.arena(name, data.length);
      arena.write(0, dtype === "f32" ? Float32Array.from(data) : Uint32Array.from(data));
      arenas.set(name, arena);
      return t.buffer(name, role, { shape: [data.length], dtype });
    };
    const param = make("params", "params", start.param);
    const grad = make("grads", "grads", start.param);
    const slots = start.slots.map((slot, k) => make(`slots.${method.slots[k]}`, "slots", slot));
    const age = start.age && make("ages", "masks", start.age, "u32");
    const blockTable = t.constant({ shape: [blocks.length], dtype: "u32" }, blocks);
    const [norms] = t.call(norm, age ? [grad, age] : [grad], {});
    method.update(t, { param, grad, slots, blocks: blockTable, norm: norms!, age }, c);
    const executable = await backend.compile(plan(t.finish()));
    for (const [name, arena] of arenas) executable.bind(name, arena);
    return {
      async step(values, words) {
        arenas.get("grads")!.write(0, Float32Array.from(values));
        const block = new Uint32Array(CONTROL_WORDS);
        block.set(control(words));
        executable.run(block);
        backend.submit();
      },
      async read() {
        const floats = async (name: string) => [...new Float32Array(await arenas.get(name)!.read())];
        return {
          param: await floats("params"),
          slots: await Promise.all(method.slots.map((name) => floats(`slots.${name}`))),
          age: age && [...new Uint32Array(await arenas.get("ages")!.read())],
        };
      },
    };
  };
