/** The product's own worker; only what it asks of WebGPU is counted. */
import "./worker-counts.ts"; // first: it wraps the prototypes
import "../../src/worker/browser.ts";
