/// <reference lib="webworker" />
/**
 * The worker of the page: one host on `navigator.gpu`. Plain module code, so that the bundler has nothing to do but copy.
 */
import { createWebGpuBackend } from "../gpu/device.ts";
import type { RunCommand } from "../run/messages.ts";
import { Host } from "./host.ts";
import { openBackend } from "./kernels.ts";
import { thinStates } from "./state-wire.ts";

const scope = self as unknown as DedicatedWorkerGlobalScope;

/** A message to oneself comes after what has arrived, without the 4 ms that a timer waits. */
const channel = new MessageChannel();
const turns: (() => void)[] = [];
channel.port1.onmessage = () => turns.shift()?.();

const thin = thinStates();
const host = new Host({
  post: (message, transfer) => scope.postMessage(thin(message), transfer),
  async open(shaders) {
    const { gpu } = navigator;
    if (!gpu) throw new Error("This browser does not offer its GPU to pages.");
    return openBackend(await createWebGpuBackend({ gpu, shaders }), navigator.userAgent);
  },
  files: (dataUrl) => async (name) => {
    const answer = await fetch(new URL(name, dataUrl));
    if (!answer.ok) throw new Error(`The data file ${name} could not be loaded (${answer.status}).`);
    return new Uint8Array(await answer.arrayBuffer());
  },
  clock: () => performance.now() / 1000,
  turn: () =>
    new Promise<void>((resolve) => {
      turns.push(resolve);
      channel.port2.postMessage(null);
    }),
});

scope.onmessage = ({ data }: MessageEvent<RunCommand>) => host.receive(data);
