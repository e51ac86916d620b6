import { expect, it } from "vitest";
import { bearer } from "../../../shared/azure/graph-middleware.ts";

const service = { origin: "https://graph.microsoft.com", scope: "https://graph.microsoft.com/.default" };

it.each(["https://graph.microsoft.com.evil.example/v1.0/users", "http://graph.microsoft.com/v1.0/users"])(
  "a request to %s gets no token, and does not leave",
  async (request) => {
    let asked = 0;
    const middleware = bearer(
      {
        async getToken() {
          asked += 1;
          return { token: "t", expiresOnTimestamp: Date.now() };
        },
      },
      service,
    );
    middleware.setNext?.({
      async execute() {
        asked += 1;
      },
    });

    await expect(middleware.execute({ request })).rejects.toThrow(
      "no token for https://graph.microsoft.com is sent to",
    );
    expect(asked).toBe(0);
  },
);

it("an identity without a token is an error of its own: nothing was sent", async () => {
  const middleware = bearer({ getToken: async () => null }, service);

  await expect(middleware.execute({ request: `${service.origin}/v1.0/users` })).rejects.toMatchObject({
    code: "NoToken",
    ambiguous: false,
  });
});
