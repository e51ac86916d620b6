import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readHostSettings } from "../../../local/host/host-json.ts";
import { temporaryFolder } from "./support.ts";

function read(settings: unknown) {
  const path = join(temporaryFolder(), "host.json");
  writeFileSync(path, JSON.stringify(settings));
  return readHostSettings(path);
}

describe("host.json", () => {
  test("sets the route prefix, the task hub and the size of an entity's batch", () => {
    const durableTask = { hubName: "Hub", maxEntityOperationBatchSize: 7 };

    expect(read({ extensions: { http: { routePrefix: "" }, durableTask } })).toEqual({
      routePrefix: "",
      ...durableTask,
    });
  });

  test.each([{}, { extensions: {} }, { extensions: { http: {}, durableTask: {} } }])(
    "defaults as Azure does: %j",
    (settings) => {
      expect(read(settings)).toEqual({
        routePrefix: "api",
        hubName: "TestHubName",
        maxEntityOperationBatchSize: 5_000,
      });
    },
  );

  test("may not set a batch that takes nothing", () => {
    expect(() => read({ extensions: { durableTask: { maxEntityOperationBatchSize: 0 } } })).toThrow(
      "maxEntityOperationBatchSize",
    );
  });
});
