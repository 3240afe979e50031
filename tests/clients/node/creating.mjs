// Makes a user pool, a client and a user, and signs in by password: as a set-up script does.
// The address and the keys come from the environment. Prints one line of JSON.

import * as cognito from '@aws-sdk/client-cognito-identity-provider';

const client = new cognito.CognitoIdentityProviderClient({});
const send = (name, input) => client.send(new cognito[`${name}Command`](input));

const { UserPool } = await send('CreateUserPool', {
  PoolName: 'made by a script',
  AutoVerifiedAttributes: ['email'],
  Policies: { PasswordPolicy: { MinimumLength: 8 } },
});
const UserPoolId = UserPool.Id;
const { UserPoolClient } = await send('CreateUserPoolClient', {
  UserPoolId,
  ClientName: 'script',
  ExplicitAuthFlows: ['ALLOW_USER_PASSWORD_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'],
});
const Username = 'alice';
const Password = process.env.PASSWORD;
await send('AdminCreateUser', { UserPoolId, Username, MessageAction: 'SUPPRESS' });
await send('AdminSetUserPassword', { UserPoolId, Username, Password, Permanent: true });
const { AuthenticationResult } = await send('InitiateAuth', {
  AuthFlow: 'USER_PASSWORD_AUTH',
  ClientId: UserPoolClient.ClientId,
  AuthParameters: { USERNAME: Username, PASSWORD: Password },
});
console.log(JSON.stringify({ pool: UserPoolId, signedIn: Boolean(AuthenticationResult.IdToken) }));
