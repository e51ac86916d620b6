import { posix } from "node:path";

export interface SourceFile {
  /** From the root of the repository, with slashes. */
  path: string;
  text: string;
}

interface Import {
  specifier: string;
  /** Path of an own file, or undefined for a package. */
  file: string | undefined;
  typeOnly: boolean;
  lazy: boolean;
}

/** What each folder of shared/ may import besides itself and the files that lie in shared/ directly. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  alerts: [],
  guardrails: ["alerts", "ledger"],
  playbooks: ["alerts", "guardrails", "ledger"],
  ledger: ["alerts", "playbooks"],
  azure: ["ledger"],
  sources: ["alerts", "ledger", "azure"],
  enrichment: ["alerts", "playbooks", "azure"],
  webhook: ["ledger"],
  notify: ["ledger"],
  responders: ["ledger", "reconcile", "azure"],
  reconcile: ["ledger", "responders", "azure"],
  response: ["alerts", "guardrails", "playbooks", "ledger", "azure", "responders", "reconcile", "enrichment", "notify"],
};

/** Puts the product together, so it alone imports from everywhere. */
const compositionRoot = "shared/portcullis.ts";
const functionPackages = ["@azure/functions", "durable-functions"];
const impure = /\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\bprocess\.|\bsetTimeout\b|\bfetch\(|\brandomUUID\b/;

/** Every breach of the import rules of the design, as sentences. */
export function breaches(files: readonly SourceFile[]): string[] {
  return files.flatMap(({ path, text }) => {
    const imports = readImports(path, text);
    return [
      ...imports.flatMap((one) => breachesOf(path, one)),
      ...(/\bprocess\s*\.\s*env\b/.test(text) && inProduct(path) && path !== "shared/config.ts"
        ? [`${path} reads process.env`]
        : []),
      ...(inProduct(path) && text.includes("df.app.orchestration(") ? orchestratorBreaches(path, text, imports) : []),
    ];
  });
}

function breachesOf(path: string, { specifier, file, typeOnly, lazy }: Import): string[] {
  const found: string[] = [];
  const complain = (rule: string) => found.push(`${path} imports ${specifier}: ${rule}`);
  if (file === undefined) {
    if (functionPackages.includes(specifier) && !within(path, "functions", "local", "test"))
      complain("Functions packages belong to functions/");
    if (isAzureSdk(specifier) && !within(path, "shared/azure", "local", "test"))
      complain("Azure SDKs belong to shared/azure/");
    if (isAzureSdk(specifier) && inProduct(path) && !typeOnly && !lazy)
      complain("Azure SDKs are loaded by the activity that needs them");
    return found;
  }
  if (!within(path, "local", "test", "bench") && within(file, "local", "test", "bench"))
    complain("nothing imports local/ and test/");
  if (within(path, "shared") && within(file, "functions")) complain("shared/ knows nothing of functions/");
  const from = sharedFolder(path);
  const to = sharedFolder(file);
  if (path !== compositionRoot && file === compositionRoot && !within(path, "functions", "local", "test"))
    complain("only functions/ put the product together");
  if (from && to && from !== to && !mayImport[from]?.includes(to)) complain(`${from} may not import ${to}`);
  if (within(path, "shared") && !from && path !== compositionRoot && to)
    complain("files in shared/ directly import no folder");
  return found;
}

function orchestratorBreaches(path: string, text: string, imports: readonly Import[]): string[] {
  const found = imports
    .filter(({ specifier, typeOnly }) => !typeOnly && specifier !== "durable-functions" && specifier !== "./names.ts")
    .map(({ specifier }) => `${path} imports ${specifier}: an orchestrator imports types and durable-functions only`);
  const impurity = impure.exec(text);
  return impurity
    ? [...found, `${path} uses ${impurity[0]}: an orchestrator has no clock, randomness or I/O but the context's`]
    : found;
}

function readImports(path: string, text: string): Import[] {
  const statements = text.matchAll(/^\s*(?:import|export)\s+(type\s+)?(?:[^"';]*?\sfrom\s+)?"([^"]+)"/gm);
  const calls = text.matchAll(/\bimport\(\s*"([^"]+)"\s*\)/g);
  return [
    ...[...statements].map(([statement, type, specifier = ""]) => ({
      specifier,
      file: resolve(path, specifier),
      typeOnly: type !== undefined || /\{\s*(type\s+[\w$]+\s*,?\s*)+\}/.test(statement),
      lazy: false,
    })),
    ...[...calls].map(([, specifier = ""]) => ({
      specifier,
      file: resolve(path, specifier),
      typeOnly: false,
      lazy: true,
    })),
  ];
}

function resolve(path: string, specifier: string): string | undefined {
  return specifier.startsWith(".") ? posix.normalize(posix.join(posix.dirname(path), specifier)) : undefined;
}

function isAzureSdk(specifier: string): boolean {
  return (
    (specifier.startsWith("@azure/") || specifier.startsWith("@microsoft/")) && !functionPackages.includes(specifier)
  );
}

function sharedFolder(path: string): string | undefined {
  return /^shared\/([^/]+)\//.exec(path)?.[1];
}

function inProduct(path: string): boolean {
  return within(path, "functions", "shared");
}

function within(path: string, ...folders: readonly string[]): boolean {
  return folders.some((folder) => path.startsWith(`${folder}/`));
}
