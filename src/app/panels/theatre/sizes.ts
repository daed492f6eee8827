/** Room on the stage that a growth side by side is given, in pixels. */

/** Below this width layers are plain bars, and the parts stand under each other and scroll. */
export const NARROW = 560;
/** Below this height the channels have no row of their own. */
export const LOW = 420;
/** Height of what stands under the trees: matrices and losses, and the row of the channels. */
export const BELOW = { maps: 158, channels: 78 };
export const SCORE = 340;
/** What stands beside FPI's; and how much higher all of it is where a ring has bonds to tell of. */
export const COMPARED = 200;
/** Height over the trees: there is no crown that says what they expect. */
export const BARE_CROWN = 34;
/** Below this width it has a row of its own, under the matrices. */
export const ROOMY = 820;
export const BONDS = 72;
