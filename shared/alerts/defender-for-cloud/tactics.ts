/** One value, a comma list (`LateralMovement, Execution`) or JSON in a string (`["Persistence"]`); the docs also write `Initial access`. */
export function readTactics(texts: readonly string[]): string[] {
  const [only, another] = texts;
  if (only === undefined) return [];
  if (another === undefined && /^(?!Unknown$)[A-Z][A-Za-z]{0,39}$/.test(only)) return [only];
  const found = new Set<string>();
  for (const one of texts) {
    for (const part of one.length > 1024 ? [] : one.split(/[,;"[\]]/)) {
      const tactic = part.trim().replaceAll(/(?:^|[\s_-]+)(\w?)/g, (_, next: string) => next.toUpperCase());
      if (/^[A-Za-z]{1,40}$/.test(tactic) && tactic.toLowerCase() !== "unknown") found.add(tactic);
    }
  }
  return [...found];
}
