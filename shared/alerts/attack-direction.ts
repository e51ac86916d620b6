/**
 * Whether an alert of Defender for Cloud is about what goes out from one of our machines: its `Attacker IP` is that machine's own.
 * https://learn.microsoft.com/azure/defender-for-cloud/alerts-azure-network-layer
 */
export function isOutgoingType(type: string): boolean {
  return /_Outgoing_|^(?:SIMULATED_)?(?:PortScanning|DDOS)$/i.test(type);
}

/** The same where an alert has no type, out of the product's own words for it. */
export function isOutgoingTitle(title: string): boolean {
  return /^(?:\[SAMPLE ALERT\]\s*)?(?:Suspicious|Possible) outgoing\b/i.test(title);
}
