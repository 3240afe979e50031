// aws-amplify 6, its Auth category, in Node.js and in a browser.

import { Amplify } from "aws-amplify";
import * as auth from "aws-amplify/auth";
import { cognitoUserPoolsTokenProvider } from "aws-amplify/auth/cognito";

// A device is named after the browser. Node.js has this object too, from version 21 on.
globalThis.navigator ??= { userAgent: `Node.js/${process.versions.node}`, platform: "linux" };

/** What a browser keeps between pages, where there is none. */
class Storage {
  #kept = new Map();
  getItem = async (key) => this.#kept.get(key) ?? null;
  setItem = async (key, value) => void this.#kept.set(key, value);
  removeItem = async (key) => void this.#kept.delete(key);
  clear = async () => this.#kept.clear();
}

/** Tell what comes next, with the secret of an authenticator app that is being set up. */
function told(output) {
  const { nextStep } = output;
  const SecretCode = nextStep.totpSetupDetails?.sharedSecret;
  return { done: output.isSignedIn, step: nextStep.signInStep, next: nextStep, SecretCode };
}

export function amplifyCommands(userPoolEndpoint) {
  return {
    /** Open a browser that knows nothing, on a page of this client. */
    open({ pool, client_id }) {
      Amplify.configure({
        Auth: { Cognito: { userPoolId: pool, userPoolClientId: client_id, userPoolEndpoint } },
      });
      if (!globalThis.window) cognitoUserPoolsTokenProvider.setKeyValueStorage(new Storage());
    },

    async sign_in({ username, password, auth_flow, preferred }) {
      const options = { authFlowType: auth_flow, preferredChallenge: preferred };
      return told(await auth.signIn({ username, password, options }));
    },
    async confirm({ answer, options }) {
      return told(await auth.confirmSignIn({ challengeResponse: answer, options }));
    },

    /** Give the tokens that the library keeps, new ones where asked. */
    async session({ fresh = false }) {
      const { tokens } = await auth.fetchAuthSession({ forceRefresh: fresh });
      if (!tokens) return null;
      return {
        AccessToken: tokens.accessToken.toString(),
        IdToken: tokens.idToken.toString(),
        access: tokens.accessToken.payload,
        id: tokens.idToken.payload,
      };
    },
    sign_out: ({ everywhere = false }) => auth.signOut({ global: everywhere }),

    associate_passkey: () => auth.associateWebAuthnCredential(),
    passkeys: () => auth.listWebAuthnCredentials(),
    delete_passkey: ({ id }) => auth.deleteWebAuthnCredential({ credentialId: id }),

    attributes: () => auth.fetchUserAttributes(),
    // A browser's driver would hand dates over as empty objects.
    devices: async () => JSON.parse(JSON.stringify(await auth.fetchDevices())),
    remember_device: () => auth.rememberDevice(),
    forget_device: ({ id }) => auth.forgetDevice(id && { device: { id } }),
  };
}
