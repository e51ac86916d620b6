import { app } from "@azure/functions";
import { calls, gate } from "./record.ts";

app.timer("minutely", {
  schedule: "%TEST_SCHEDULE%",
  handler: async (timer) => {
    calls.push(timer);
    await gate.wait;
  },
});
app.timer("atStart", {
  schedule: "0 0 3 * * *",
  runOnStartup: true,
  handler: (timer) => void calls.push(["atStart", timer.isPastDue]),
});
