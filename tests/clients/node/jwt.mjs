// aws-jwt-verify. Its own fetcher speaks https only; it takes another from the application.

import { CognitoJwtVerifier, JwtVerifier } from "aws-jwt-verify";
import { validateCognitoJwtFields } from "aws-jwt-verify/cognito-verifier";
import { SimpleJwksCache } from "aws-jwt-verify/jwk";

const fetcher = {
  async fetch(uri) {
    const response = await fetch(uri);
    if (!response.ok) throw new Error(`the keys answer ${response.status}`);
    return response.arrayBuffer();
  },
};

export function jwtCommands(url) {
  return {
    /** Verify a token of any issuer, whose keys are fetched from where the issuer has them. */
    verify({ issuer, client_id, use, token }) {
      const expected = { tokenUse: use, clientId: client_id };
      const verifier = JwtVerifier.create(
        {
          issuer,
          audience: null, // an access token has client_id in its place
          customJwtCheck: ({ payload }) => validateCognitoJwtFields(payload, expected),
        },
        { jwksCache: new SimpleJwksCache({ fetcher }) },
      );
      return verifier.verify(token);
    },

    /** Verify a token under AWS's name, with keys that the application brings. */
    async verify_as_aws({ pool, client_id, use, token }) {
      const verifier = CognitoJwtVerifier.create({
        userPoolId: pool,
        tokenUse: use,
        clientId: client_id,
      });
      const keys = new URL(`${pool}/.well-known/jwks.json`, url);
      verifier.cacheJwks(JSON.parse(Buffer.from(await fetcher.fetch(keys)).toString()));
      return verifier.verify(token);
    },
  };
}
