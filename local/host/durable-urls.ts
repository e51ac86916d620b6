const webhookPath = "/runtime/webhooks/durabletask";
export const durablePrefixes = [`${webhookPath}/`, "/durabletask/"];

/** The URLs with which one instance is looked after (HttpManagementPayload). */
export function managementUrls(baseUrl: string, hubName: string, instanceId: string): Record<string, string> {
  const query = requiredQuery(hubName);
  const instance = `${baseUrl}${webhookPath}/instances/${instanceId}`;
  return {
    id: instanceId,
    statusQueryGetUri: `${instance}?${query}`,
    sendEventPostUri: `${instance}/raiseEvent/{eventName}?${query}`,
    terminatePostUri: `${instance}/terminate?reason={text}&${query}`,
    rewindPostUri: `${instance}/rewind?reason={text}&${query}`,
    purgeHistoryDeleteUri: `${instance}?${query}`,
    restartPostUri: `${instance}/restart?${query}`,
    suspendPostUri: `${instance}/suspend?reason={text}&${query}`,
    resumePostUri: `${instance}/resume?reason={text}&${query}`,
  };
}

function requiredQuery(hubName: string): string {
  return `taskHub=${hubName}&connection=Storage&code=local`;
}

/** What the durableClient input binding gives to the worker. */
export function durableClientBinding(baseUrl: string, hubName: string): string {
  const query = requiredQuery(hubName);
  const create = `${baseUrl}${webhookPath}/orchestrators/{functionName}[/{instanceId}]?code=local`;
  return JSON.stringify({
    taskHubName: hubName,
    creationUrls: {
      createNewInstancePostUri: create,
      createAndWaitOnNewInstancePostUri: `${create}&timeout={timeoutInSeconds}&pollingInterval={intervalInSeconds}`,
    },
    managementUrls: managementUrls(baseUrl, hubName, "INSTANCEID"),
    baseUrl: `${baseUrl}${webhookPath}`,
    requiredQueryStringParameters: query,
    rpcBaseUrl: `${baseUrl}/durabletask/`,
  });
}
