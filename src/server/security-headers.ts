/** What of a device pages may use: passkeys, and nothing else that needs a permission. */
const permissions = [
  ...['create', 'get'].map((what) => `publickey-credentials-${what}=(self)`),
  ...[
    'accelerometer',
    'camera',
    'display-capture',
    'geolocation',
    'gyroscope',
    'hid',
    'magnetometer',
    'microphone',
    'midi',
    'payment',
    'serial',
    'usb',
  ].map((feature) => `${feature}=()`),
].join(', ');

const aYear = 365 * 24 * 3_600;

/** Of answers that show nothing: refusals, health. */
export const bareHeaders: Readonly<Record<string, string>> = {
  'content-security-policy': "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
};

/**
 * Of all other answers. `host` is a checked `Host` header: older browsers do not take `'self'` for the WebSocket's
 * scheme. `address` is the configured one, or null.
 */
export function securityHeaders({
  host,
  https,
  address,
}: {
  readonly host: string;
  readonly https: boolean;
  readonly address: string | null;
}): Readonly<Record<string, string>> {
  const policy = [
    "default-src 'self'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data: blob:",
    "media-src 'self' blob:",
    "font-src 'self'",
    `connect-src 'self' ws://${host} wss://${host}`,
    "manifest-src 'self'",
    "worker-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ];
  return {
    ...bareHeaders,
    'content-security-policy': policy.join('; '),
    'permissions-policy': permissions,
    // Over plain http browsers ignore it, and complain.
    ...(https ? { 'cross-origin-opener-policy': 'same-origin' } : {}),
    // Other names of this host may be served over plain http; and what else goes by a name below this one is not ours.
    ...(https && address === `https://${host}` ? { 'strict-transport-security': `max-age=${aYear}` } : {}),
  };
}
