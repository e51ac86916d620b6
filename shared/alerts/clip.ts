/** Titles and descriptions hold attacker-made text of any length; what nobody reads is not carried along. */
export const titleLimit = 256;
export const descriptionLimit = 2048;
const noteLimit = 20;

/** The first `limit` characters, with a note of the cut under the name of the field. */
export function clip(value: string, limit: number, name: string, notes: string[]): string {
  if (value.length <= limit) return value;
  notes.push(`${name} was cut from ${value.length} to ${limit} characters`);
  return value.slice(0, limit).toWellFormed();
}

export function fewest(notes: readonly string[]): string[] {
  if (notes.length <= noteLimit) return [...notes];
  return [...notes.slice(0, noteLimit), `and ${notes.length - noteLimit} notes more`];
}
