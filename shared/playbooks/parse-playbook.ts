import { LineCounter, parseDocument, visit } from "yaml";
import type * as z from "zod";
import { Playbook, type ResponderSignature } from "./playbook.ts";

export class PlaybookError extends Error {
  override readonly name = "PlaybookError";
  readonly faults: readonly string[];

  constructor(file: string, faults: readonly string[]) {
    super(`${file} is not a usable playbook. ${faults.join("; ")}`);
    this.faults = faults;
  }
}

/** Reads one YAML playbook; the error names file, line, path and what would be right. */
export function parsePlaybook(
  file: string,
  text: string,
  responders: ReadonlyMap<string, ResponderSignature>,
): Playbook {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  if (document.errors.length > 0)
    throw new PlaybookError(
      file,
      document.errors.map(({ message }) => message),
    );

  const lineOf = (path: readonly PropertyKey[]): number => {
    for (let length = path.length; length >= 0; length--) {
      const node = document.getIn(path.slice(0, length), true);
      const range = typeof node === "object" && node !== null && "range" in node ? node.range : undefined;
      if (Array.isArray(range) && typeof range[0] === "number") return lines.linePos(range[0]).line;
    }
    return 1;
  };
  const fault = (path: readonly PropertyKey[], message: string) =>
    `line ${lineOf(path)}, ${path.map(String).join(".") || "the whole file"}: ${message}`;
  const faultsOf = (error: z.ZodError, prefix: readonly PropertyKey[] = []) =>
    error.issues.map((issue) => fault([...prefix, ...issue.path], issue.message));

  visit(document, {
    Alias(_, { source, range }) {
      const { line } = lines.linePos(range?.[0] ?? 0);
      throw new PlaybookError(file, [`line ${line}, *${source}: write it out, aliases are not read`]);
    },
  });
  const result = Playbook.safeParse(document.toJS());
  if (!result.success) throw new PlaybookError(file, faultsOf(result.error));
  const playbook = result.data;

  const faults = playbook.steps.flatMap((step, index) => {
    const responder = responders.get(step.responder);
    if (!responder) {
      return [
        fault(
          ["steps", index, "responder"],
          `there is no responder ${JSON.stringify(step.responder)}; there are ${[...responders.keys()].join(", ")}`,
        ),
      ];
    }
    if (!responder.selectors.includes(step.target)) {
      return [fault(["steps", index, "target"], `${responder.id} takes ${responder.selectors.join(" or ")}`)];
    }
    if ((step.scope !== undefined) !== (responder.point === "apim-fragment")) {
      const wanted =
        step.scope === undefined ? "needs service, api or operation" : "covers no part of a service: leave it out";
      return [fault(["steps", index, "scope"], `${responder.id} ${wanted}`)];
    }
    const params = responder.params.safeParse(step.with);
    return params.success ? [] : faultsOf(params.error, ["steps", index, "with"]);
  });
  const fileName = file.replace(/^.*[\\/]/, "").replace(/\.ya?ml$/, "");
  if (fileName !== playbook.name) faults.push(fault(["name"], `the file is called ${fileName}`));
  if (faults.length > 0) throw new PlaybookError(file, faults);
  return playbook;
}
