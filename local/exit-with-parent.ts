import { Socket } from "node:net";

// Loaded with --import into every process that the local stack starts: the parent holds the other end of this pipe, so
// however the parent dies, no child stays behind holding a port.
process.stdin.on("end", () => process.kill(process.pid, "SIGTERM"));
process.stdin.on("error", () => process.kill(process.pid, "SIGTERM"));
process.stdin.resume();
// Listening for the parent is no reason to go on living.
if (process.stdin instanceof Socket) process.stdin.unref();
