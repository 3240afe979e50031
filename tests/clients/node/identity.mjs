// amazon-cognito-identity-js: its callbacks, each told as what the application does next.

import {
  AuthenticationDetails,
  CognitoRefreshToken,
  CognitoUser,
  CognitoUserPool,
} from "amazon-cognito-identity-js";

/** What a browser keeps between pages, as the library lets an application keep it. */
class Storage {
  #kept = new Map();
  getItem = (key) => this.#kept.get(key) ?? null;
  setItem = (key, value) => this.#kept.set(key, value);
  removeItem = (key) => this.#kept.delete(key);
  clear = () => this.#kept.clear();
}

const tokens = (session) => ({
  AccessToken: session.getAccessToken().getJwtToken(),
  IdToken: session.getIdToken().getJwtToken(),
  RefreshToken: session.getRefreshToken().getToken(),
  access: session.getAccessToken().payload,
  id: session.getIdToken().payload,
});

/** Call a method that takes a map of callbacks, until one of them is called. */
function outcome(call) {
  return new Promise((resolve, reject) => {
    const asked = (name, parameters) => resolve({ asked: name, parameters });
    call({
      onSuccess: (session, confirm) =>
        resolve(session?.getAccessToken ? { ...tokens(session), confirm } : { answer: session }),
      onFailure: reject,
      newPasswordRequired: (given, required) =>
        asked("NEW_PASSWORD_REQUIRED", { given, required }),
      mfaRequired: asked,
      totpRequired: asked,
      selectMFAType: asked,
      mfaSetup: asked,
      customChallenge: (parameters) => asked("CUSTOM_CHALLENGE", parameters),
      associateSecretCode: (SecretCode) => resolve({ SecretCode }),
    });
  });
}

/** Call a method that takes one callback, in Node's manner. */
function called(call) {
  return new Promise((resolve, reject) => {
    call((error, result) => (error ? reject(error) : resolve(result)));
  });
}

export function identityCommands(endpoint) {
  const browsers = new Map(); // storage by name
  let user; // who signs in

  function begin({ pool, client_id, username, browser = username }) {
    if (!browsers.has(browser)) browsers.set(browser, new Storage());
    const Storage_ = browsers.get(browser);
    const Pool = new CognitoUserPool({
      UserPoolId: pool,
      ClientId: client_id,
      endpoint,
      Storage: Storage_,
    });
    user = new CognitoUser({ Username: username, Pool, Storage: Storage_ });
  }

  return {
    sign_in({ password, auth_flow = "USER_SRP_AUTH", ...who }) {
      begin(who);
      user.setAuthenticationFlowType(auth_flow);
      const details = new AuthenticationDetails({ Username: who.username, Password: password });
      return outcome((callbacks) => user.authenticateUser(details, callbacks));
    },

    /** Begin CUSTOM_AUTH without a password. */
    start_custom(who) {
      begin(who);
      user.setAuthenticationFlowType("CUSTOM_AUTH");
      const details = new AuthenticationDetails({ Username: who.username });
      return outcome((callbacks) => user.initiateAuth(details, callbacks));
    },

    new_password: ({ chosen, attributes = {} }) =>
      outcome((callbacks) => user.completeNewPasswordChallenge(chosen, attributes, callbacks)),
    send_code: ({ code, type }) => outcome((callbacks) => user.sendMFACode(code, callbacks, type)),
    choose: ({ type }) => outcome((callbacks) => user.sendMFASelectionAnswer(type, callbacks)),
    answer: ({ answer }) =>
      outcome((callbacks) => user.sendCustomChallengeAnswer(answer, callbacks)),
    set_up_totp: () => outcome((callbacks) => user.associateSoftwareToken(callbacks)),
    verify_totp: ({ code }) =>
      outcome((callbacks) => user.verifySoftwareToken(code, "phone", callbacks)),
    remember_device: () => outcome((callbacks) => user.setDeviceStatusRemembered(callbacks)),
    async list_devices() {
      return (await outcome((callbacks) => user.listDevices(10, null, callbacks))).answer;
    },
    forget_device: () => outcome((callbacks) => user.forgetDevice(callbacks)),

    async refresh({ refresh_token }) {
      const token = new CognitoRefreshToken({ RefreshToken: refresh_token });
      return tokens(await called((callback) => user.refreshSession(token, callback)));
    },
    attributes: () => called((callback) => user.getUserAttributes(callback)),
    sign_out: () => called((callback) => user.signOut((error) => callback(error))),
    sign_out_everywhere: () => outcome((callbacks) => user.globalSignOut(callbacks)),
  };
}
