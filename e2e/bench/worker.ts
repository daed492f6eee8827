/** The product's own worker, with the prototypes wrapped before it loads. What was counted is asked for on a channel. */
import { takeCounts } from "./count.ts";
import "../../src/worker/browser.ts";
import { COUNTS_CHANNEL } from "./engines/types.ts";

const channel = new BroadcastChannel(COUNTS_CHANNEL);
channel.onmessage = () => channel.postMessage(takeCounts());
