import { EnforcementPoint } from "./containment.ts";
import { pack, unpack } from "./pack.ts";
import type { Table } from "./table.ts";

/** The enforcement points that ever held a containment: what the timer visits. */
export interface EnforcementPoints {
  remember(point: EnforcementPoint): Promise<void>;
  all(): Promise<EnforcementPoint[]>;
}

const partition = "point";

export function createEnforcementPoints(table: Table): EnforcementPoints {
  const known = new Set<string>();
  return {
    async remember(point) {
      if (known.has(point.key)) return;
      await table.insert({ partitionKey: partition, rowKey: point.key, columns: pack(point) });
      known.add(point.key);
    },
    async all() {
      return (await table.partition(partition)).map((row) => EnforcementPoint.parse(unpack(row)));
    },
  };
}
