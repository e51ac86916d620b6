import { ODataProblem } from "./machine-filter.ts";

const clause = /^\s*(\w+)\s+eq\s+'((?:[^']|'')*)'\s*$/;

/** A `$filter` of comparisons with `eq` joined by `and`, over these fields. Not played: everything else that OData has. */
export function parseEqualityFilter<Item>(
  filter: string | null,
  fields: Readonly<Record<string, (item: Item) => string | null>>,
): (item: Item) => boolean {
  if (filter === null) return () => true;
  const tests = filter.split(/\s+and\s+/).map((text) => {
    const [, name = "", quoted = ""] = clause.exec(text) ?? [];
    const read = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (!read) throw new ODataProblem(`The filter '${filter.slice(0, 80)}' is not supported.`);
    const wanted = quoted.replaceAll("''", "'");
    return (item: Item) => read(item)?.toLowerCase() === wanted.toLowerCase();
  });
  return (item) => tests.every((test) => test(item));
}
