/** Names under which Azure knows the functions that others start or call. */
export const respondOrchestrator = "respond";
export const assessActivity = "assess";
export const containActivity = "contain";
export const concludeActivity = "conclude";
export const enforcementPointEntity = "enforcement-point";
export const joinOrchestrator = "joinAlert";
export const joinActivity = "join";
