// A page that has no library: Cognito's protocol by fetch, passkeys by navigator.credentials.

import { answered } from "./answering.mjs";

const endpoint = new URLSearchParams(location.search).get("endpoint");

/** What the service refused, with all that a page of another origin may read of it. */
class RefusedError extends Error {
  constructor(response, body) {
    super(body.message);
    this.name = body.__type;
    this.code = response.headers.get("x-amzn-ErrorType")?.split(":")[0];
    this.statusCode = response.status;
  }
}

async function call({ operation, arguments: members }) {
  const headers = {
    "Content-Type": "application/x-amz-json-1.1",
    "X-Amz-Target": `AWSCognitoIdentityProviderService.${operation}`,
  };
  const body = JSON.stringify(members);
  const response = await fetch(endpoint, { method: "POST", headers, body });
  const answer = await response.json();
  if (!response.ok) throw new RefusedError(response, answer);
  return answer;
}

/** A signal with which the page itself ends a ceremony, where it is told to. */
const ended = (after_ms) => (after_ms === undefined ? undefined : AbortSignal.timeout(after_ms));

const page = {
  call,
  async create({ options, abort_after_ms }) {
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
    const signal = ended(abort_after_ms);
    return (await navigator.credentials.create({ publicKey, signal })).toJSON();
  },
  async get({ options, abort_after_ms }) {
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
    const signal = ended(abort_after_ms);
    return (await navigator.credentials.get({ publicKey, signal })).toJSON();
  },
};

window.ask = (command) => answered({ plain: page }, command);
