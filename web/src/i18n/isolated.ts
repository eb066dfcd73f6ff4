/** What is put into a sentence that runs the other way. */

const LATIN = /\p{Script=Latin}/u;
/** A quotation mark or a bracket at its edge would go over to the sentence. */
const OPEN_EDGE = /^[^\p{L}\p{N}]|[^\p{L}\p{N}]$/u;

/** A name as it is put into a sentence of the language: marked off where its edge would be turned by what stands around it. */
export function isolated(value: string, language: string): string {
  const isTurned = language === "ar" && LATIN.test(value) && OPEN_EDGE.test(value);
  return isTurned ? `\u2068${value}\u2069` : value;
}
