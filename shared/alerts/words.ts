/** What products' words mean, in any letter case. */
export type Words<Meaning> = (word: string | undefined) => Meaning | undefined;

export function createWords<Meaning>(meanings: Readonly<Record<string, Meaning>>): Words<Meaning> {
  // Maps, because an object would also answer for "constructor".
  const asWritten = new Map(Object.entries(meanings));
  const inSmallLetters = new Map(Object.entries(meanings).map(([word, meaning]) => [word.toLowerCase(), meaning]));
  return (word) => {
    if (word === undefined) return undefined;
    return asWritten.get(word) ?? inSmallLetters.get(word.toLowerCase());
  };
}
