// The JavaScript libraries as anybody runs them, told what to do by lines of JSON.
//
// Run as `node client.mjs URL`, with keys for signed operations in AWS's own environment
// variables. One command a line on standard input, `{"library": ..., "do": ...}` with what it
// takes; one answer a line on standard output: `{"result": ...}` or `{"error": {"class": ...,
// "message": ...}}`. Each library is in a file of its own, and there is nothing of flowengine.

import { createInterface } from "node:readline";

import { amplifyCommands } from "./amplify.mjs";
import { identityCommands } from "./identity.mjs";
import { jwtCommands } from "./jwt.mjs";
import { sdkCommands } from "./sdk.mjs";

const url = process.argv[2];
const libraries = {
  "identity-js": identityCommands(url),
  amplify: amplifyCommands(url),
  "aws-sdk-js": sdkCommands(url),
  "aws-jwt-verify": jwtCommands(url),
};

/** Tell an error as an application that catches it sees it. */
function failed(error) {
  return {
    error: {
      class: error.name,
      message: error.message,
      code: error.code ?? error.name,
      status: error.$metadata?.httpStatusCode ?? error.statusCode ?? null,
    },
  };
}

async function done({ library, do: name, ...command }) {
  try {
    return { result: (await libraries[library][name](command)) ?? null };
  } catch (error) {
    return failed(error);
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await done(JSON.parse(line)))}\n`);
}
