/**
 * Workgroup counts. A dimension of a grid ends at 65535, so long lists of workgroups are folded into rows: in WGSL the
 * workgroup's number is `group.y * groups.x + group.x`, with `@builtin(num_workgroups) groups`; numbers past the end
 * must be left out by the kernel.
 */
const LIMIT = 65535;

/** A grid of at least `groups` workgroups. */
export function foldGrid(groups: number): readonly [number, number, number] {
  const y = Math.max(1, Math.ceil(groups / LIMIT));
  return [Math.max(1, Math.ceil(groups / y)), y, 1];
}

/** One invocation an element, `size` invocations a workgroup. */
export function elementGrid(elements: number, size = 256): readonly [number, number, number] {
  return foldGrid(Math.ceil(elements / size));
}
