/** Bringing pictures to size, for the page, which may not know the data room: a second way would be another picture. */
export { asDigit, type Grey, scaled, strokesBright } from "../data/grey.ts";
