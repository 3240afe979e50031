// The arithmetic of SRP alone, as amazon-cognito-identity-js and cognito-srp-helper do it. Nothing
// is sent: what a server would be sent, and would answer, comes and goes by the commands.

import { createHmac } from "node:crypto";

import { AuthenticationHelper, DateHelper } from "amazon-cognito-identity-js";
import BigIntegers from "amazon-cognito-identity-js/lib/BigInteger.js";
import * as helper from "cognito-srp-helper";

const BigInteger = BigIntegers.default;

/** Call a method that takes one callback, in Node's manner. */
function called(call) {
  return new Promise((resolve, reject) => {
    call((error, result) => (error ? reject(error) : resolve(result)));
  });
}

/** What CognitoUser does with its helper. */
const byIdentityJs = {
  async begin({ pool, username, password }) {
    const identity = new AuthenticationHelper(pool.split("_")[1]);
    const A = await called((callback) => identity.getLargeAValue(callback));
    return [A.toString(16), { identity, pool: pool.split("_")[1], username, password }];
  },
  async answer({ identity, pool, password }, { USER_ID_FOR_SRP: name, SRP_B, SALT, SECRET_BLOCK }) {
    const [B, salt] = [new BigInteger(SRP_B, 16), new BigInteger(SALT, 16)];
    const key = await called((callback) =>
      identity.getPasswordAuthenticationKey(name, password, B, salt, callback),
    );
    const timestamp = new DateHelper().getNowString();
    const block = Buffer.from(SECRET_BLOCK, "base64");
    const signed = createHmac("sha256", key).update(pool).update(name).update(block);
    return { timestamp, signature: signed.update(timestamp).digest("base64") };
  },
  async device({ group, key }) {
    const identity = new AuthenticationHelper(group);
    await called((callback) => identity.generateHashDevice(group, key, callback));
    const hex = { salt: identity.getSaltDevices(), verifier: identity.getVerifierDevices() };
    return { ...hex, password: identity.getRandomPassword() };
  },
};

const byHelper = {
  begin({ pool, username, password }) {
    const session = helper.createSrpSession(username, password, pool, false);
    return [session.largeA, session];
  },
  answer(session, ChallengeParameters) {
    const { passwordSignature, timestamp } = helper.signSrpSession(session, {
      ChallengeName: "PASSWORD_VERIFIER",
      ChallengeParameters,
    });
    return { timestamp, signature: passwordSignature };
  },
  device({ group, key }) {
    const made = helper.createDeviceVerifier(key, group);
    const { Salt, PasswordVerifier } = made.DeviceSecretVerifierConfig;
    const hex = (text) => Buffer.from(text, "base64").toString("hex");
    const secret = made.DeviceRandomPassword;
    return { salt: hex(Salt), verifier: hex(PasswordVerifier), password: secret };
  },
};

export function srpCommands() {
  const arithmetics = { "identity-js": byIdentityJs, "cognito-srp-helper": byHelper };
  let begun; // by whom, and what it keeps

  return {
    async begin({ by, ...who }) {
      const [SRP_A, kept] = await arithmetics[by].begin(who);
      begun = { by, kept };
      return SRP_A;
    },
    answer: ({ asked }) => arithmetics[begun.by].answer(begun.kept, asked),
    device: ({ by, ...device }) => arithmetics[by].device(device),
  };
}
