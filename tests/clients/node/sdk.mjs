// @aws-sdk/client-cognito-identity-provider, with cognito-srp-helper for the arithmetic.

import * as cognito from "@aws-sdk/client-cognito-identity-provider";
import * as srp from "cognito-srp-helper";

export function sdkCommands(endpoint) {
  const client = new cognito.CognitoIdentityProviderClient({
    endpoint,
    region: "eu-west-1",
    maxAttempts: 1,
  });
  const devices = new Map(); // by key: the group and the password that the helper chose

  async function call({ operation, arguments: input }) {
    const { $metadata, ...output } = await client.send(new cognito[`${operation}Command`](input));
    return output;
  }

  const hash = ({ username, client_id, secret }) =>
    secret ? { SECRET_HASH: srp.createSecretHash(username, client_id, secret) } : {};

  const named = ({ device_key }) => (device_key ? { DEVICE_KEY: device_key } : {});

  function begun(who) {
    return srp.createSrpSession(who.username, who.password, who.pool, false);
  }

  function respond(who, asked, responses) {
    return call({
      operation: "RespondToAuthChallenge",
      arguments: {
        ClientId: who.client_id,
        ChallengeName: asked.ChallengeName,
        ChallengeResponses: { USERNAME: who.username, ...hash(who), ...responses },
        Session: asked.Session,
      },
    });
  }

  /** Answer PASSWORD_VERIFIER, and the device's two challenges where they follow. */
  async function prove(who, session, asked) {
    const signed = srp.signSrpSession(session, asked);
    const answer = srp.wrapAuthChallenge(signed, { ChallengeResponses: named(who) });
    const reply = await respond(who, asked, answer.ChallengeResponses);
    return reply.ChallengeName === "DEVICE_SRP_AUTH" ? proveDevice(who, session, reply) : reply;
  }

  async function proveDevice(who, session, asked) {
    const { group, password } = devices.get(who.device_key);
    const opened = await respond(who, asked, { ...named(who), SRP_A: session.largeA });
    const signed = srp.signSrpSessionWithDevice(session, opened, group, password);
    const answer = srp.wrapAuthChallenge(signed, { ChallengeResponses: named(who) });
    return respond(who, opened, answer.ChallengeResponses);
  }

  return {
    call,

    /** Sign in by SRP; `parameters` says more, such as CHALLENGE_NAME for CUSTOM_AUTH. */
    async sign_in({ auth_flow = "USER_SRP_AUTH", parameters = {}, ...who }) {
      const session = begun(who);
      const request = srp.wrapInitiateAuth(session, {
        ClientId: who.client_id,
        AuthFlow: auth_flow,
        AuthParameters: { USERNAME: who.username, ...hash(who), ...named(who), ...parameters },
      });
      const asked = await call({ operation: "InitiateAuth", arguments: request });
      return prove(who, session, asked);
    },

    /** Answer a challenge that takes an SRP_A, and the PASSWORD_VERIFIER after it. */
    async answer_srp({ asked, responses = {}, ...who }) {
      const session = begun(who);
      const opened = await respond(who, asked, { ...responses, SRP_A: session.largeA });
      return prove(who, session, opened);
    },

    /** Confirm the device that came with the tokens, by what the helper makes for it. */
    async confirm_device({ access_token, device }) {
      const { DeviceKey, DeviceGroupKey } = device;
      const made = srp.createDeviceVerifier(DeviceKey, DeviceGroupKey);
      devices.set(DeviceKey, { group: DeviceGroupKey, password: made.DeviceRandomPassword });
      return call({
        operation: "ConfirmDevice",
        arguments: {
          AccessToken: access_token,
          DeviceKey,
          DeviceName: "laptop",
          DeviceSecretVerifierConfig: made.DeviceSecretVerifierConfig,
        },
      });
    },
  };
}
