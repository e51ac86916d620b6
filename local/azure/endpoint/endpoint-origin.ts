export const endpointOrigin = "https://api.security.microsoft.com";
