// The JavaScript libraries as anybody runs them, told what to do by lines of JSON.
//
// Run as `node client.mjs URL`, with keys for signed operations in AWS's own environment
// variables. One command a line on standard input, `{"library": ..., "do": ...}` with what it
// takes; one answer a line on standard output: `{"result": ...}` or `{"error": {"class": ...,
// "message": ...}}`. Each library is in a file of its own, and there is nothing of flowengine.

import { createInterface } from "node:readline";

import { amplifyCommands } from "./amplify.mjs";
import { answered } from "./answering.mjs";
import { identityCommands } from "./identity.mjs";
import { jwtCommands } from "./jwt.mjs";
import { sdkCommands } from "./sdk.mjs";
import { srpCommands } from "./srp.mjs";

const url = process.argv[2];
const libraries = {
  "identity-js": identityCommands(url),
  amplify: amplifyCommands(url),
  "aws-sdk-js": sdkCommands(url),
  "aws-jwt-verify": jwtCommands(url),
  srp: srpCommands(),
};

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await answered(libraries, JSON.parse(line)))}\n`);
}
