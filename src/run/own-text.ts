/** Reading one's own text, for the page: it may not know the data room, and a second reader would refuse otherwise. */
export { checkOwnSize, OWN_ID, OWN_LIMIT, readOwnText } from "../data/own.ts";
