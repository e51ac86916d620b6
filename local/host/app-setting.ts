type Environment = Readonly<Record<string, string | undefined>>;

export class SettingMissing extends Error {
  override name = "SettingMissing";
}

/** `%NAME%` in a binding stands for an app setting. `what` names the part of the binding in the error. */
export function resolveSettings(what: string, text: string, environment: Environment = process.env): string {
  return text.replace(/%([^%]+)%/g, (_, name: string) => {
    const value = environment[name];
    if (value === undefined)
      throw new SettingMissing(`The ${what} "${text}" names the setting ${name}, which is not set.`);
    return value;
  });
}

/**
 * Whether a function is switched off by `AzureWebJobs.NAME.Disabled`, or by the same with underscores, which Linux shells can set.
 * https://learn.microsoft.com/azure/azure-functions/disable-function; values as in ConfigurationUtility.IsSettingEnabled.
 */
export function isDisabled(name: string, environment: Environment = process.env): boolean {
  const names = [`AzureWebJobs.${name}.Disabled`, `AzureWebJobs_${name}_Disabled`].map((setting) =>
    setting.toLowerCase(),
  );
  return Object.entries(environment).some(
    ([setting, value]) => names.includes(setting.toLowerCase()) && ["1", "true"].includes(value?.toLowerCase() ?? ""),
  );
}
