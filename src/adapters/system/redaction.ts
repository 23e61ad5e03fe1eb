/** Fields whose values are never written to a log, however the object is nested (to four levels). The only such list. */
const secretFields = [
  'password',
  'passwordHash',
  'token',
  'tokenHash',
  'accessToken',
  'refreshToken',
  'deviceToken',
  'ticket',
  'present',
  'recoveryCodes',
  'mailPassword',
  'invite',
  'link',
  'secret',
  'macKey',
  'signingKeys',
  'authorization',
  'Authorization',
  'cookie',
  'Cookie',
  '["set-cookie"]',
  '["Set-Cookie"]',
  'text',
];

const depths = ['', '*', '*.*', '*.*.*'];

export const redactedPaths: readonly string[] = depths.flatMap((depth) =>
  secretFields.map((field) => {
    if (depth === '') return field;
    return field.startsWith('[') ? `${depth}${field}` : `${depth}.${field}`;
  }),
);

/** Takes user and password out of addresses like `postgres://user:password@host/`. */
export function withoutCredentials(text: string): string {
  return text.replaceAll(/:\/\/[^/\s@]*@/g, '://[secret]@');
}
