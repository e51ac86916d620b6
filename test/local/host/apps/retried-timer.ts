import { app } from "@azure/functions";

app.timer("retried", {
  schedule: "0 * * * * *",
  retry: { strategy: "fixedDelay", maxRetryCount: 1, delayInterval: 1000 },
  handler: () => {},
});
