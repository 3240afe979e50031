// A page of aws-amplify.

import { amplifyCommands } from "./amplify.mjs";
import { answered } from "./answering.mjs";

const endpoint = new URLSearchParams(location.search).get("endpoint");
const libraries = { amplify: amplifyCommands(endpoint) };

window.ask = (command) => answered(libraries, command);
