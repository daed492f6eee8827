/** How many entries a share means (grow-prune §0). In float64; the 1e-9 absorbs the binary rounding of the share. */

/** To be woken: at least one of any, never more than there are; 0 for a share of 0. */
export const take = (share: number, n: number): number => clamp(Math.ceil(share * n - 1e-9), share, n);

/** To be dropped: as `take`, rounded down. */
export const drop = (share: number, n: number): number => clamp(Math.floor(share * n + 1e-9), share, n);

const clamp = (wanted: number, share: number, n: number): number =>
  share === 0 || n === 0 ? 0 : Math.min(Math.max(wanted, 1), n);

/** Dropout of the sparser network: D_r = D_o √(C_r / C_o) (Han et al., eq. 2), from connection counts. */
export const sparserDropout = (before: number, connections: number, left: number): number =>
  connections === 0 ? before : before * Math.sqrt(left / connections);
