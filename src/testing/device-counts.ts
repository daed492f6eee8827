/** What a device is asked for: objects made, submits, bytes uploaded. A steady step makes nothing. */
export interface DeviceCounts {
  /** Calls of `create…` besides the command encoder, which every submit has. */
  made: number;
  submits: number;
  /** Bytes written from here to the device. */
  uploaded: number;
}

/** Counts from now on, in place. */
export function countDevice(device: GPUDevice): DeviceCounts {
  const counts: DeviceCounts = { made: 0, submits: 0, uploaded: 0 };
  for (const name of Object.getOwnPropertyNames(Object.getPrototypeOf(device))) {
    if (!name.startsWith("create") || name === "createCommandEncoder") continue;
    const original = (device as never as Record<string, (...args: unknown[]) => unknown>)[name]!;
    Object.defineProperty(device, name, {
      value: (...args: unknown[]) => {
        counts.made++;
        return original.apply(device, args);
      },
      // The next one may count the same device.
      configurable: true,
    });
  }
  const { queue } = device;
  const { submit, writeBuffer } = queue;
  Object.defineProperty(device, "queue", { value: queue, configurable: true });
  queue.submit = (list) => {
    counts.submits++;
    return submit.call(queue, list);
  };
  queue.writeBuffer = (
    buffer: GPUBuffer,
    at: number,
    data: Uint32Array<ArrayBuffer>,
    from = 0,
    count?: number,
  ) => {
    counts.uploaded += (count ?? data.length - from) * 4;
    return writeBuffer.call(queue, buffer, at, data, from, count ?? data.length - from);
  };
  return counts;
}
