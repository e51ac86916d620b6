import type { PipelinePolicy } from "@azure/core-rest-pipeline";
import { callTimeoutMs } from "./arm-request.ts";

/** Gives every request of an SDK client an end, from the moment its token is there; by default the SDKs wait for an answer for ever. */
export const timeLimit = {
  position: "perCall" as const,
  policy: {
    name: "portcullisTimeLimit",
    sendRequest(request, next) {
      request.timeout = callTimeoutMs;
      return next(request);
    },
  } satisfies PipelinePolicy,
};
