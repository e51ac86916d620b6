/**
 * Who asks over HTTP: whoever holds the function key. Headers that name a person can be written by anybody while App Service
 * authentication is off, so none of them is believed.
 */
export const caller = "function key";
