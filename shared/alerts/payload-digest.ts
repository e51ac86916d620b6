import { createHash } from "node:crypto";
import { isObject } from "./fields.ts";

/** SHA-256 of a JSON value, the same whatever order its keys stand in. Makes no calls into itself: nesting may be ten thousand deep. */
export function payloadDigest(payload: unknown): string {
  const parts: string[] = [];
  // What is still to be written, last first: values, and the text between them.
  const rest: ({ value: unknown } | string)[] = [{ value: payload }];
  for (let next = rest.pop(); next !== undefined; next = rest.pop()) {
    if (typeof next === "string") parts.push(next);
    else if (Array.isArray(next.value)) {
      parts.push("[");
      rest.push("]");
      for (let at = next.value.length - 1; at >= 0; at--) rest.push(",", { value: next.value[at] });
    } else if (isObject(next.value)) {
      parts.push("{");
      rest.push("}");
      for (const key of Object.keys(next.value).toSorted().reverse())
        rest.push(",", { value: next.value[key] }, `${JSON.stringify(key)}:`);
    } else parts.push(JSON.stringify(next.value) ?? "null");
  }
  return createHash("sha256").update(parts.join("")).digest("hex");
}
