import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import * as z from "zod";

const HostJson = z.looseObject({
  extensions: z
    .looseObject({
      http: z.looseObject({ routePrefix: z.string().default("api") }).optional(),
      durableTask: z
        .looseObject({
          hubName: z.string().default("TestHubName"),
          maxEntityOperationBatchSize: z.int().positive().default(5_000),
        })
        .optional(),
    })
    .optional(),
});

export interface HostSettings {
  routePrefix: string;
  hubName: string;
  maxEntityOperationBatchSize: number;
}

/** The settings of host.json that this host follows, with Azure's defaults. */
export function readHostSettings(path = resolve(import.meta.dirname, "../../host.json")): HostSettings {
  const { extensions } = HostJson.parse(JSON.parse(readFileSync(path, "utf8")));
  return {
    routePrefix: extensions?.http?.routePrefix ?? "api",
    hubName: extensions?.durableTask?.hubName ?? "TestHubName",
    maxEntityOperationBatchSize: extensions?.durableTask?.maxEntityOperationBatchSize ?? 5_000,
  };
}
