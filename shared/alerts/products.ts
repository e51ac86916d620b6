import type { Source } from "./alert.ts";

/**
 * How products call themselves: `productName` and `providerName` of Defender for Cloud's shapes and of Log Analytics, `serviceSource` and
 * `productName` of Graph, `ServiceSource` of the XDR stream.
 */
const names: readonly (readonly [Source, readonly string[]])[] = [
  [
    "defender-for-cloud",
    [
      "Azure Security Center",
      "Microsoft Defender for Cloud",
      // Its plans, as Graph's `detectionSource` names them.
      "Microsoft Defender for Servers",
      "Microsoft Defender for Storage",
      "Microsoft Defender for DNS",
      "Microsoft Defender for Databases",
      "Microsoft Defender for Containers",
      "Microsoft Defender for Network",
      "Microsoft Defender for App Service",
      "Microsoft Defender for Key Vault",
      "Microsoft Defender for Resource Manager",
      "Microsoft Defender for API Management",
      "Microsoft Defender for AI Services",
    ],
  ],
  [
    "defender-for-endpoint",
    [
      "Microsoft Defender ATP",
      "MDATP",
      "Microsoft Defender Advanced Threat Protection",
      "Microsoft Defender for Endpoint",
    ],
  ],
  ["defender-for-identity", ["Azure ATP", "Azure Advanced Threat Protection", "Microsoft Defender for Identity"]],
  [
    "defender-for-office-365",
    ["Office 365 Advanced Threat Protection", "Microsoft Defender for Office 365", "Office ATP"],
  ],
  ["defender-for-cloud-apps", ["MCAS", "Microsoft Cloud App Security", "Microsoft Defender for Cloud Apps"]],
  ["defender-xdr", ["Microsoft 365 Defender", "Microsoft Defender XDR", "Microsoft Threat Protection"]],
  [
    "entra-id-protection",
    [
      "IPC",
      "Azure Active Directory Identity Protection",
      "Microsoft Entra ID Protection",
      "AAD Identity Protection",
      "Azure AD Identity Protection",
    ],
  ],
  ["app-governance", ["Microsoft App Governance", "App Governance"]],
  ["purview", ["Data Loss Prevention", "Microsoft Insider Risk Management", "Microsoft Data Loss Prevention"]],
  ["sentinel", ["Azure Sentinel", "Microsoft Sentinel"]],
];

const sources: ReadonlyMap<string, Source> = new Map(
  names.flatMap(([source, known]) =>
    known.flatMap((name): [string, Source][] => [
      [name, source],
      [folded(name), source],
    ]),
  ),
);

/** The product that the first known of these names means, compared without blanks and letter case; undefined when none is known. */
export function sourceOfProduct(candidates: readonly (string | undefined)[]): Source | undefined {
  for (const name of candidates) {
    if (name === undefined || name.length > 100) continue;
    const source = sources.get(name) ?? sources.get(folded(name));
    if (source) return source;
  }
  return undefined;
}

function folded(name: string): string {
  return name.replaceAll(/\s/g, "").toLowerCase();
}
