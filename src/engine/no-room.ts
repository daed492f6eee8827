/**
 * What a device throws when it has no room for something: nothing is broken, a smaller size does. Whoever asked can then
 * refuse the request and go on. The message is one sentence for the reader.
 */
export class NoRoom extends Error {}
